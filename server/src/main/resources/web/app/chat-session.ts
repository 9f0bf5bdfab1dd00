import {
  Refusal,
  replyPath,
  type Accepted,
  type Api,
  type Character,
  type Citation,
  type PathFor,
  type StoredMessage,
  type Usage,
} from './api';
import { Patience, pause } from './patience';
import { readReply, type ReplyReader } from './reply-stream';
import { passing } from './storage';

export type AnswerStatus = 'waiting' | 'streaming' | 'complete' | 'stopped' | 'failed';

/** What was said to a question, as far as it is known. Never changed: replaced. */
export interface Answer {
  readonly replyId?: string | undefined;
  readonly text: string;
  readonly reasoning: string;
  readonly status: AnswerStatus;
  readonly human: boolean;
  readonly citations: readonly Citation[];
  readonly usage?: Usage | undefined;
  readonly degraded: boolean;
  /** Error code of a failed one. */
  readonly error?: string | undefined;
}

/** A question and its answer; either may be missing. */
export interface Turn {
  readonly key: string;
  turnId?: string | undefined;
  replyId?: string | undefined;
  question?: string | undefined;
  /** Error code of a question that could not be sent. */
  unsent?: string | undefined;
  answer?: Answer | undefined;
}

export type Notice =
  | { readonly kind: 'offline' }
  | { readonly kind: 'busy'; readonly until: number };

/** A question on its way: kept over reloads until its answer has ended. */
interface Pending {
  readonly text: string;
  readonly clientMsgId: string;
  readonly accepted?: Accepted;
}

const NOTHING: Answer = {
  text: '',
  reasoning: '',
  status: 'waiting',
  human: false,
  citations: [],
  degraded: false,
};

/** How often a send is tried before it counts as failed: about a minute and a half. */
const SEND_ATTEMPTS = 10;
const MAX_WAIT = 60_000;

/** The talk of this user with one character: what was said, what is being said, and how it is sent. */
export class ChatSession {
  turns: Turn[] = [];
  state: 'loading' | 'ready' | 'unreachable' = 'loading';
  notice: Notice | undefined;
  stopping = false;
  /** Whether there is more of the conversation than is shown. */
  hasEarlier = false;

  #conversationId = '';
  #firstSeq = 1;
  #readingEarlier = false;
  #active: Turn | undefined;
  #refreshing = false;
  readonly #life = new AbortController();
  readonly #pendingKey: string;

  constructor(
    private readonly api: Api,
    readonly character: Character,
    private readonly changed: () => void,
  ) {
    this.#pendingKey = `magpie.pending:${character.id}`;
  }

  /** The turn whose answer has not ended. */
  get active(): Turn | undefined {
    return this.#active;
  }

  close(): void {
    this.#life.abort();
  }

  /** Reads the history and goes on with whatever was under way; tries until the server answers. */
  async open(): Promise<void> {
    const patience = new Patience(10_000);
    for (;;) {
      try {
        await this.#load();
        break;
      } catch (failure) {
        if (this.#life.signal.aborted) return;
        this.state = 'unreachable';
        this.#update();
        const asked = failure instanceof Refusal ? failure.retryAfter : undefined;
        try {
          await pause(asked ?? patience.next(), this.#life.signal, true);
        } catch {
          return;
        }
      }
    }
    this.state = 'ready';
    this.#resume();
    this.#update();
  }

  /** Reads what other devices said meanwhile; does nothing while an answer is under way. */
  async refresh(): Promise<void> {
    if (this.#active || this.#refreshing || this.state !== 'ready') return;
    this.#refreshing = true;
    try {
      await this.#load();
      if (!this.#active) this.#resume();
      this.#update();
    } catch {
      // What is shown stays; the next occasion tries again.
    } finally {
      this.#refreshing = false;
    }
  }

  send(text: string): void {
    if (this.#active) return;
    this.#deliver({ text, clientMsgId: newId() });
  }

  /** Sends a question that could not be sent again, as the same message. */
  resend(turn: Turn): void {
    if (this.#active || turn.question === undefined) return;
    this.turns = this.turns.filter((other) => other !== turn);
    this.#deliver({ text: turn.question, clientMsgId: turn.key });
  }

  /** Takes back a question that could not be sent. */
  discard(turn: Turn): void {
    this.turns = this.turns.filter((other) => other !== turn);
    passing.remove(this.#pendingKey);
    this.#update();
  }

  async stop(): Promise<void> {
    if (!this.#active?.turnId || this.stopping) return;
    this.stopping = true;
    this.#update();
    try {
      await this.api.stop();
    } catch {
      this.stopping = false;
      this.#update();
    }
  }

  async #load(): Promise<void> {
    const conversations = await this.api.conversations();
    const current = conversations.find(
      (one) =>
        one.character_id === this.character.id &&
        !['ENDED', 'EXPIRED'].includes((one.status ?? '').toUpperCase()),
    );
    const messages = current
      ? await this.api.messages(current.id, current.message_count + 1)
      : [];
    if (this.#life.signal.aborted || this.#active) return;
    this.#conversationId = current?.id ?? '';
    this.#beginsAt(messages);
    this.turns = turnsOf(messages);
  }

  /** Shows more of the conversation, above what is shown. */
  async readEarlier(): Promise<void> {
    if (!this.hasEarlier || this.#readingEarlier) return;
    this.#readingEarlier = true;
    const conversationId = this.#conversationId;
    try {
      const messages = await this.api.messages(conversationId, this.#firstSeq);
      if (conversationId !== this.#conversationId) return;
      this.#beginsAt(messages);
      const earlier = turnsOf(messages);
      const [first] = this.turns;
      const last = earlier.at(-1);
      // A page may end between a question and its answer.
      if (first && last && first.turnId === last.turnId && !last.answer) {
        first.question = last.question;
        earlier.pop();
      }
      this.turns = [...earlier, ...this.turns];
      this.#update();
    } catch {
      // The button stays where it is.
    } finally {
      this.#readingEarlier = false;
    }
  }

  #beginsAt(messages: readonly StoredMessage[]): void {
    this.#firstSeq = messages[0]?.seq ?? 1;
    this.hasEarlier = this.#firstSeq > 1;
  }

  /** Goes on with the question that was under way when the page was left, here or elsewhere. */
  #resume(): void {
    const pending = passing.read<Pending>(this.#pendingKey);
    const last = this.turns.at(-1);
    if (pending?.accepted) {
      const { accepted } = pending;
      const known = this.turns.find((turn) => turn.turnId === accepted.turn_id);
      if (known?.answer) {
        passing.remove(this.#pendingKey);
        return;
      }
      const turn = known ?? { key: pending.clientMsgId, question: pending.text };
      if (!known) this.turns = [...this.turns, turn];
      turn.turnId = accepted.turn_id;
      void this.#follow(turn, () => accepted.stream_url, accepted.reply_id);
    } else if (pending) {
      this.#deliver(pending);
    } else if (last?.replyId && last.question !== undefined && !last.answer) {
      // It was asked on another device.
      void this.#follow(last, replyPath(last.replyId), last.replyId);
    }
  }

  #deliver(pending: Pending): void {
    const turn: Turn = {
      key: pending.clientMsgId,
      question: pending.text,
      answer: NOTHING,
    };
    this.turns = [...this.turns, turn];
    this.#active = turn;
    this.stopping = false;
    passing.write(this.#pendingKey, pending);
    this.#update();
    void this.#sendUntilAccepted(turn, pending);
  }

  async #sendUntilAccepted(turn: Turn, pending: Pending): Promise<void> {
    const patience = new Patience(MAX_WAIT / 4);
    const { signal } = this.#life;
    let accepted: Accepted;
    for (;;) {
      try {
        accepted = await this.api.send(pending.text, this.character.id, pending.clientMsgId);
        break;
      } catch (failure) {
        if (signal.aborted) return;
        const refused = failure instanceof Refusal ? failure : undefined;
        const hopeless = refused ? !refused.passing : !(failure instanceof TypeError);
        if (hopeless || patience.failures >= SEND_ATTEMPTS) {
          this.#notSent(turn, refused ? refused.code || `http_${refused.status}` : 'unreachable');
          return;
        }
        const wait = Math.min(refused?.retryAfter ?? 0, MAX_WAIT) + patience.next();
        this.notice = refused
          ? { kind: 'busy', until: Date.now() + wait }
          : { kind: 'offline' };
        this.#update();
        try {
          await pause(wait, signal, !refused);
        } catch {
          return;
        }
      }
    }
    passing.write(this.#pendingKey, { ...pending, accepted });
    turn.turnId = accepted.turn_id;
    this.notice = undefined;
    this.#update();
    await this.#follow(turn, () => accepted.stream_url, accepted.reply_id);
  }

  #notSent(turn: Turn, code: string): void {
    turn.unsent = code;
    turn.answer = undefined;
    this.#end();
  }

  async #follow(turn: Turn, path: PathFor, replyId: string): Promise<void> {
    this.#active = turn;
    this.stopping = false;
    turn.answer = { ...NOTHING, replyId };
    this.#update();
    try {
      const outcome = await readReply(this.api, path, this.#reader(turn), this.#life.signal);
      if (outcome === 'over') await this.#settleFromHistory(turn);
      else await this.#settle(turn);
    } catch (failure) {
      if (!this.#life.signal.aborted) throw failure;
    }
  }

  #reader(turn: Turn): ReplyReader {
    const change = (answer: Partial<Answer>): void => {
      turn.answer = { ...(turn.answer ?? NOTHING), ...answer };
      this.#update();
    };
    const now = (): Answer => turn.answer ?? NOTHING;
    return {
      text: (content) => change({ text: now().text + content, status: 'streaming' }),
      reasoning: (content) => change({ reasoning: now().reasoning + content, status: 'streaming' }),
      reset: (content) => change({ text: content, reasoning: '' }),
      done: (done) =>
        change({
          replyId: done.reply_id,
          status: statusOf(done.status),
          usage: done.usage ?? undefined,
          degraded: Boolean(done.degraded),
        }),
      failed: (failure) => change({ status: 'failed', error: failure.code }),
      connected: (yes) => {
        if (yes === (this.notice === undefined)) return;
        this.notice = yes ? undefined : { kind: 'offline' };
        this.#update();
      },
    };
  }

  /** The answer has ended: adds what only the stored reply knows. */
  async #settle(turn: Turn): Promise<void> {
    this.#end();
    const replyId = turn.answer?.replyId;
    if (!replyId || turn.answer?.status === 'failed') return;
    try {
      const reply = await this.api.reply(replyId);
      turn.answer = { ...turn.answer, citations: reply.citations ?? [] } as Answer;
      this.#update();
    } catch {
      // The answer stands without its sources.
    }
  }

  /** The stream has nothing (more) to say: the history has the answer, or there is none. */
  async #settleFromHistory(turn: Turn): Promise<void> {
    const { signal } = this.#life;
    const patience = new Patience(MAX_WAIT / 4);
    this.#active = undefined;
    for (;;) {
      try {
        await this.#load();
        break;
      } catch {
        signal.throwIfAborted();
        await pause(patience.next(), signal, true);
      }
    }
    const known = this.turns.find((one) => one.turnId === turn.turnId);
    if (known && !known.answer) {
      known.answer = { ...NOTHING, status: 'failed', error: 'no_answer' };
    }
    this.#end();
  }

  #end(): void {
    this.#active = undefined;
    this.stopping = false;
    this.notice = undefined;
    passing.remove(this.#pendingKey);
    this.#update();
  }

  #update(): void {
    if (!this.#life.signal.aborted) this.changed();
  }
}

function statusOf(status: string): AnswerStatus {
  switch (status.toUpperCase()) {
    case 'STOPPED':
      return 'stopped';
    case 'FAILED':
      return 'failed';
    default:
      return 'complete';
  }
}

/** A stored conversation as turns, in its order. */
function turnsOf(messages: readonly StoredMessage[]): Turn[] {
  const turns: Turn[] = [];
  const byId = new Map<string, Turn>();
  for (const message of messages) {
    const role = message.role.toUpperCase();
    const turnId = message.turn_id ?? undefined;
    if (role === 'SYSTEM') continue;
    if (role === 'USER') {
      const turn: Turn = {
        key: turnId ?? message.id,
        turnId,
        replyId: message.reply_id ?? undefined,
        question: message.content,
      };
      turns.push(turn);
      if (turnId) byId.set(turnId, turn);
      continue;
    }
    const answer: Answer = {
      ...NOTHING,
      text: message.content,
      status: statusOf(message.status),
      human: role === 'HUMAN',
      replyId: message.reply_id ?? undefined,
      citations: message.citations ?? [],
    };
    const turn = turnId ? byId.get(turnId) : undefined;
    if (turn && !turn.answer) turn.answer = answer;
    else turns.push({ key: message.id, turnId, answer });
  }
  return turns;
}

/** A random id; `crypto.randomUUID` exists only on secure origins. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
