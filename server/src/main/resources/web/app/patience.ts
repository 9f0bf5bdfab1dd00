/** Waits that grow with each failure in a row, with jitter; a success starts them over. */
export class Patience {
  #failures = 0;

  constructor(
    private readonly max: number,
    private base = 500,
  ) {}

  get failures(): number {
    return this.#failures;
  }

  /** What the server asked to wait for at least, in milliseconds. */
  atLeast(base: number): void {
    this.base = Math.min(Math.max(base, 50), this.max);
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** How long to wait now, in milliseconds. */
  next(): number {
    const ceiling = Math.min(this.max, this.base * 2 ** this.#failures++);
    return ceiling / 2 + Math.random() * (ceiling / 2);
  }
}

const impatience = new EventTarget();

/** Ends the waits that the network may end: somebody wants it tried now. */
export function hurry(): void {
  impatience.dispatchEvent(new Event('now'));
}

/**
 * Waits; with `wake`, no longer than until the network is back or somebody hurries. Rejects when
 * aborted.
 */
export function pause(ms: number, signal: AbortSignal, wake = false): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    if (wake) {
      addEventListener('online', end);
      impatience.addEventListener('now', end);
    }

    function end(): void {
      clearTimeout(timer);
      removeEventListener('online', end);
      impatience.removeEventListener('now', end);
      signal.removeEventListener('abort', end);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    }

    if (signal.aborted) end();
  });
}
