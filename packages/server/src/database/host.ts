/** A signal that stops or probes a process; 0 only asks whether it lives. */
export type Signal = "SIGINT" | "SIGQUIT" | "SIGKILL" | 0;

/** What this part needs to know of the process it runs in; Node's own `process` is one. */
export interface Host {
  readonly pid: number;
  readonly platform: string;
  readonly arch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Sends a signal; throws with a `code` (`ESRCH`: no such process, `EPERM`: not ours). */
  kill(pid: number, signal: Signal): boolean;
  /** The effective user's number; absent on Windows. */
  geteuid?(): number;
}
