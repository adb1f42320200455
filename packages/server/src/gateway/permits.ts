// Owns: how many calls are under way through this node. P1: a permit is held from before the provider is asked until the last byte has left,
// and is given back once.

/** Bounds of one node. */
export interface PermitBounds {
  readonly all: number;
  readonly perWorkspace: number;
}

/** Mutable: who holds how many. */
export class Permits {
  readonly #bounds: PermitBounds;
  readonly #byWorkspace = new Map<string, number>();
  #taken = 0;

  constructor(bounds: PermitBounds) {
    this.#bounds = bounds;
  }

  /** Calls under way. */
  get taken(): number {
    return this.#taken;
  }

  /** Gives a permit, as what gives it back; undefined: there is none left. */
  take(workspace: string): (() => void) | undefined {
    const own = this.#byWorkspace.get(workspace) ?? 0;
    if (this.#taken >= this.#bounds.all || own >= this.#bounds.perWorkspace) return undefined;
    this.#taken += 1;
    this.#byWorkspace.set(workspace, own + 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#taken -= 1;
      const left = (this.#byWorkspace.get(workspace) ?? 1) - 1;
      if (left === 0) this.#byWorkspace.delete(workspace);
      else this.#byWorkspace.set(workspace, left);
    };
  }
}
