/** Owns how a file is made to outlast a power cut: its bytes, and its name in the folder. */
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** Makes the names in a folder durable. On Windows, which has no such call, the file system does it by itself. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch((error: unknown) => {
    if (isUnsupported(error)) return undefined;
    throw error;
  });
  try {
    await handle?.sync();
  } catch (error) {
    if (!isUnsupported(error)) throw error;
  } finally {
    await handle?.close();
  }
}

/** Makes the bytes of a file that somebody else wrote durable. */
export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Puts a text in the place of a file: whoever looks, also after a power cut, sees the old one or the new one, whole. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const next = `${path}.next`;
  const handle = await open(next, "w");
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(next, path);
  await syncFolder(dirname(path));
}

const unsupported: readonly unknown[] = ["EISDIR", "EPERM", "EINVAL", "ENOTSUP"];

const isUnsupported = (error: unknown): boolean =>
  error instanceof Error && "code" in error && unsupported.includes(error.code);
