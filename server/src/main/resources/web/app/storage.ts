/** A browser store that may be forbidden or full; then the values live as long as the page. */
class Shelf {
  readonly #fallback = new Map<string, string>();

  constructor(private readonly store: () => Storage) {}

  read<T>(key: string): T | undefined {
    let text: string | null | undefined;
    try {
      text = this.store().getItem(key);
    } catch {
      text = undefined;
    }
    text ??= this.#fallback.get(key);
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text) as T;
    } catch {
      return undefined;
    }
  }

  write(key: string, value: unknown): void {
    const text = JSON.stringify(value);
    try {
      this.store().setItem(key, text);
      this.#fallback.delete(key);
    } catch {
      this.#fallback.set(key, text);
    }
  }

  remove(key: string): void {
    this.#fallback.delete(key);
    try {
      this.store().removeItem(key);
    } catch {
      // Nothing was kept there.
    }
  }
}

/** Kept across visits, shared by all tabs. */
export const lasting = new Shelf(() => localStorage);

/** Kept across reloads of this tab. */
export const passing = new Shelf(() => sessionStorage);
