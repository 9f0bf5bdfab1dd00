import type { Api, PathFor, Usage } from './api';
import { Patience, pause } from './patience';
import { SseParser, type ServerEvent } from './sse';

export interface Done {
  readonly reply_id: string;
  readonly message_id?: string | null;
  readonly status: string;
  readonly usage?: Usage | null;
  readonly degraded?: unknown;
}

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

/** What a reader of a reply gets to know. */
export interface ReplyReader {
  text(content: string): void;
  reasoning(content: string): void;
  /** Forget what you have: this is the text so far. */
  reset(content: string): void;
  done(done: Done): void;
  failed(failure: Failure): void;
  /** Whether the connection stands. */
  connected(yes: boolean): void;
}

/** `ended`: the reply said how it ended; `over`: it has ended and the history has it. */
export type Outcome = 'ended' | 'over';

/** Silence after which a connection counts as dead; the server's heartbeat is far shorter. */
const SILENCE = 45_000;
const MAX_WAIT = 15_000;

/**
 * Reads a reply from its beginning to its end, over as many connections as it takes: each one goes
 * on behind the last event that arrived whole. Rejects only when aborted.
 */
export async function readReply(
  api: Api,
  path: PathFor,
  reader: ReplyReader,
  signal: AbortSignal,
): Promise<Outcome> {
  const patience = new Patience(MAX_WAIT);
  let lastId = '';
  for (;;) {
    const attempt = new AbortController();
    const abort = (): void => attempt.abort(signal.reason);
    signal.throwIfAborted();
    signal.addEventListener('abort', abort);
    let wait: number | undefined;
    try {
      const response = await api.stream(path, lastId, attempt.signal);
      if (response.status === 400 && lastId) {
        lastId = '';
        wait = 0;
      } else if (response.status === 204 || [400, 403, 404, 410].includes(response.status)) {
        return 'over';
      } else if (!response.ok || !response.body) {
        const asked = Number(response.headers.get('Retry-After'));
        if (asked > 0) wait = Math.min(asked, 60) * 1000;
        attempt.abort();
      } else {
        if (!lastId) reader.reset('');
        const parser = new SseParser(lastId);
        for await (const event of events(response.body, parser, attempt)) {
          const last = deliver(event, reader);
          lastId = event.id;
          if (parser.retry !== undefined) patience.atLeast(parser.retry);
          patience.succeeded();
          reader.connected(true);
          if (last) return 'ended';
        }
      }
    } catch (failure) {
      if (signal.aborted) throw failure;
      if (failure instanceof SyntaxError) console.error('magpie: unreadable event', failure);
    } finally {
      signal.removeEventListener('abort', abort);
      attempt.abort();
    }
    wait ??= patience.next();
    if (patience.failures > 1 || wait > 1000) reader.connected(false);
    await pause(wait, signal, true);
  }
}

async function* events(
  body: ReadableStream<Uint8Array>,
  parser: SseParser,
  attempt: AbortController,
): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const silent = (): void => attempt.abort(new DOMException('silent', 'TimeoutError'));
  let timer = setTimeout(silent, SILENCE);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(silent, SILENCE);
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Whether this was the last event. */
function deliver(event: ServerEvent, reader: ReplyReader): boolean {
  switch (event.type) {
    case 'delta':
      reader.text((JSON.parse(event.data) as { content: string }).content);
      return false;
    case 'reasoning':
      reader.reasoning((JSON.parse(event.data) as { content: string }).content);
      return false;
    case 'reset':
      reader.reset((JSON.parse(event.data) as { content: string }).content);
      return false;
    case 'done':
      reader.done(JSON.parse(event.data) as Done);
      return true;
    case 'error':
      reader.failed(JSON.parse(event.data) as Failure);
      return true;
    default:
      return false;
  }
}
