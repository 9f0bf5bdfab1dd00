import { lasting } from './storage';

export interface Character {
  readonly id: string;
  readonly name: string;
  readonly locale: string;
  readonly description: string;
  readonly greeting: string;
}

export interface Citation {
  readonly document_id: string;
  readonly title: string;
  readonly section: string;
  readonly snippet: string;
}

export interface Conversation {
  readonly id: string;
  readonly character_id: string;
  readonly status?: string;
  readonly message_count: number;
}

export interface StoredMessage {
  readonly id: string;
  readonly seq: number;
  readonly role: string;
  readonly content: string;
  readonly status: string;
  readonly citations?: readonly Citation[] | null;
  readonly turn_id?: string | null;
  readonly reply_id?: string | null;
  readonly created_at: string;
}

export interface Accepted {
  readonly user_id: string;
  readonly conversation_id: string;
  readonly turn_id: string;
  readonly reply_id: string;
  readonly stream_url: string;
}

export interface Usage {
  readonly input_tokens?: number | null;
  readonly output_tokens?: number | null;
}

export interface Reply {
  readonly citations?: readonly Citation[] | null;
  readonly usage?: Usage | null;
}

export interface ContextPart {
  readonly kind: string;
  readonly source: string;
  readonly fate: string;
  readonly tokens: number;
}

export interface ContextReceipt {
  readonly budget: number;
  readonly total: number;
  readonly parts: readonly ContextPart[];
}

interface Items<T> {
  readonly items: readonly T[];
  readonly next_cursor?: string | null;
}

interface Guest {
  readonly access_token: string;
  readonly user_id: string;
}

/** An address, which may name the user: a renewed token may be another one's. */
export type PathFor = (user: string) => string;

/** Where the events of a reply are read. */
export function replyPath(replyId: string): PathFor {
  return (user) =>
    `/chat/stream/${encodeURIComponent(user)}?reply_id=${encodeURIComponent(replyId)}`;
}

/** The server answered, and the answer was no. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    /** How long the server asked to wait, in milliseconds. */
    readonly retryAfter: number | undefined,
  ) {
    super(`${status} ${code}`);
  }

  /** Whether the same request may succeed later. */
  get passing(): boolean {
    return this.code === 'busy' || [429, 500, 502, 503, 504].includes(this.status);
  }
}

/** Milliseconds of a `Retry-After` header: seconds or a date. */
function retryAfter(response: Response): number | undefined {
  const value = response.headers.get('Retry-After')?.trim();
  if (!value) return undefined;
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

async function refusal(response: Response): Promise<Refusal> {
  let code = '';
  try {
    const problem: unknown = await response.json();
    if (problem && typeof problem === 'object' && 'code' in problem) code = String(problem.code);
  } catch {
    // Not every refusal comes from Magpie itself; a proxy's has no code.
  }
  return new Refusal(response.status, code, retryAfter(response));
}

/** Messages read at a time. */
const MESSAGES = 100;

/** Pages of a list read at most, so that a broken cursor cannot keep the page busy for ever. */
const MAX_PAGES = 100;

/** The server's interface, as the guest this browser is. A network failure is a `TypeError`. */
export class Api {
  #guest: Guest | undefined;
  #joining: Promise<Guest> | undefined;
  readonly #key: string;

  constructor(private readonly base = '') {
    this.#key = `magpie.guest:${base}`;
    this.#guest = lasting.read<Guest>(this.#key);
  }

  characters(): Promise<Character[]> {
    return this.#all<Character>('/characters');
  }

  /** The newest conversations of this user, newest first. */
  async conversations(): Promise<readonly Conversation[]> {
    const page = await this.#json<Items<Conversation>>(
      'GET',
      (user) => `/conversations?user_id=${encodeURIComponent(user)}`,
    );
    return page.items;
  }

  /** The last messages of a conversation before the one with `beforeSeq`, oldest first. */
  async messages(conversationId: string, beforeSeq: number): Promise<readonly StoredMessage[]> {
    const path = `/conversations/${encodeURIComponent(conversationId)}/messages`;
    const page = await this.#json<Items<StoredMessage>>(
      'GET',
      () => `${path}?before_seq=${beforeSeq}&limit=${MESSAGES}`,
    );
    return page.items;
  }

  /** Idempotent: the same `clientMsgId` again is the same turn. */
  send(message: string, characterId: string, clientMsgId: string): Promise<Accepted> {
    const body = { message, character_id: characterId, client_msg_id: clientMsgId };
    return this.#json<Accepted>('POST', () => '/chat', body);
  }

  stop(): Promise<unknown> {
    return this.#json('POST', (user) => `/chat/stop/${encodeURIComponent(user)}`);
  }

  reply(replyId: string): Promise<Reply> {
    return this.#json<Reply>('GET', () => `/replies/${encodeURIComponent(replyId)}`);
  }

  context(replyId: string): Promise<ContextReceipt> {
    return this.#json<ContextReceipt>(
      'GET',
      () => `/replies/${encodeURIComponent(replyId)}/context`,
    );
  }

  /** Opens an event stream after `lastId`, or at its beginning. */
  stream(path: PathFor, lastId: string, signal: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = { Accept: 'text/event-stream' };
    if (lastId) headers['Last-Event-ID'] = lastId;
    return this.#fetch(path, { headers, signal, cache: 'no-store' });
  }

  async #all<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | null | undefined;
    for (let pages = 0; pages < MAX_PAGES; pages++) {
      const after: string = cursor ? `?cursor=${encodeURIComponent(cursor)}` : '';
      const page: Items<T> = await this.#json('GET', () => path + after);
      items.push(...page.items);
      cursor = page.next_cursor;
      if (!cursor) break;
    }
    return items;
  }

  async #json<T>(method: string, path: PathFor, body?: unknown): Promise<T> {
    const headers: Record<string, string> = { Accept: 'application/json' };
    const init: RequestInit = { method, headers };
    if (body !== undefined) {
      headers['Content-Type'] = 'application/json';
      init.body = JSON.stringify(body);
    }
    const response = await this.#fetch(path, init);
    if (!response.ok) throw await refusal(response);
    const text = await response.text();
    return (text ? JSON.parse(text) : undefined) as T;
  }

  /** Sends with the guest's token; where that is not valid any more, once again with a new one. */
  async #fetch(path: PathFor, init: RequestInit): Promise<Response> {
    for (let renewed = false; ; renewed = true) {
      const guest = this.#guest ?? (await this.#join());
      const headers = new Headers(init.headers);
      headers.set('Authorization', `Bearer ${guest.access_token}`);
      const response = await fetch(this.base + path(guest.user_id), { ...init, headers });
      if (response.status !== 401 || renewed) return response;
      if (this.#guest === guest) {
        // Another tab may have renewed it already.
        const kept = lasting.read<Guest>(this.#key);
        this.#guest = kept?.access_token === guest.access_token ? undefined : kept;
      }
    }
  }

  #join(): Promise<Guest> {
    this.#joining ??= this.#newGuest().finally(() => (this.#joining = undefined));
    return this.#joining;
  }

  async #newGuest(): Promise<Guest> {
    const response = await fetch(`${this.base}/auth/guest`, { method: 'POST' });
    if (!response.ok) throw await refusal(response);
    const { access_token, user_id } = (await response.json()) as Guest;
    this.#guest = { access_token, user_id };
    lasting.write(this.#key, this.#guest);
    return this.#guest;
  }
}
