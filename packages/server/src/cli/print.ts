/** Writes all of a text for whoever reads: the process ends when its command is done, and a pipe takes no more than 64 KiB at once. */
export const print = async (text: string): Promise<void> =>
  await new Promise((resolve, reject) => {
    process.stdout.write(text, (fault) => {
      if (fault) reject(fault);
      else resolve();
    });
  });
