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
  #afterReturn = false;
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
      // A line ends with CR, LF or both, and nothing waits to see whether it will be both.
      const secondHalf = code === 10 && this.#afterReturn;
      this.#afterReturn = code === 13;
      if (secondHalf) {
        start = at + 1;
      } else if (code === 10 || code === 13) {
        const event = this.#line(this.#buffer.slice(start, at));
        if (event) events.push(event);
        start = at + 1;
      }
    }
    this.#buffer = this.#buffer.slice(start);
    this.#scanned = this.#buffer.length;
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
