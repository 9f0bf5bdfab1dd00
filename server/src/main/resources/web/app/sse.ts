/** One event of a `text/event-stream`, with the last id known when it was dispatched. */
export interface ServerEvent {
  readonly type: string;
  readonly data: string;
  readonly id: string;
}

/**
 * Turns the text of an event stream, cut anywhere, into events. An event whose closing blank line
 * never came is not an event.
 */
export class SseParser {
  /** The delay the server asked for before the next connection, in milliseconds. */
  retry: number | undefined;

  #buffer = '';
  #scanned = 0;
  #started = false;
  #type = '';
  #data: string[] = [];
  #id: string;

  constructor(lastId = '') {
    this.#id = lastId;
  }

  push(chunk: string): ServerEvent[] {
    if (!this.#started && chunk !== '') {
      this.#started = true;
      if (chunk.startsWith('\uFEFF')) chunk = chunk.slice(1);
    }
    this.#buffer += chunk;
    const events: ServerEvent[] = [];
    let start = 0;
    for (let at = this.#scanned; at < this.#buffer.length; at++) {
      const code = this.#buffer.charCodeAt(at);
      if (code !== 10 && code !== 13) continue;
      // A carriage return at the very end may be the first half of CRLF: wait for what follows.
      if (code === 13 && at + 1 === this.#buffer.length) break;
      const line = this.#buffer.slice(start, at);
      if (code === 13 && this.#buffer.charCodeAt(at + 1) === 10) at++;
      start = at + 1;
      const event = this.#line(line);
      if (event) events.push(event);
    }
    this.#buffer = this.#buffer.slice(start);
    const open = this.#buffer.length;
    this.#scanned = open > 0 && this.#buffer.charCodeAt(open - 1) === 13 ? open - 1 : open;
    return events;
  }

  #line(line: string): ServerEvent | undefined {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return undefined;
    const field = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? '' : line.slice(colon + 1);
    if (value.startsWith(' ')) value = value.slice(1);
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#type = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    else if (field === 'retry' && /^\d+$/.test(value)) this.retry = Number(value);
    return undefined;
  }

  #dispatch(): ServerEvent | undefined {
    const data = this.#data;
    const type = this.#type || 'message';
    this.#data = [];
    this.#type = '';
    return data.length === 0 ? undefined : { type, data: data.join('\n'), id: this.#id };
  }
}
