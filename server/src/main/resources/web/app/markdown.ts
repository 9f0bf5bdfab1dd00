import DOMPurify from 'dompurify';
import { Marked, type Token, type Tokens } from 'marked';

/** A piece of a rendered answer: sanitised HTML, or code that is shown as it is. */
export type Block =
  | { readonly kind: 'html'; readonly html: string }
  | { readonly kind: 'code'; readonly language: string; readonly text: string };

const ADDRESS = /^(?:https?:\/\/|mailto:)/i;

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (char) => escapes[char] ?? char);
}

const marked = new Marked({
  gfm: true,
  breaks: true,
  // HTML is no part of the language here: what looks like it is shown as it was written. Only a
  // line break is taken for one, which tables cannot do without.
  tokenizer: { html: () => undefined, tag: () => undefined },
  extensions: [
    {
      name: 'br',
      level: 'inline',
      start: (source) => source.indexOf('<br'),
      tokenizer(source): Tokens.Generic | undefined {
        const raw = /^<br\s*\/?>/i.exec(source)?.[0];
        return raw ? { type: 'br', raw } : undefined;
      },
    },
  ],
  renderer: {
    // Nothing is loaded by itself: an image is a link to it.
    image({ href, text }): string {
      const label = escape(text || href);
      return ADDRESS.test(href) ? `<a href="${escape(href)}">${label}</a>` : label;
    },
    checkbox({ checked }): string {
      return checked ? '☑ ' : '☐ ';
    },
  },
});

// An instance of our own, so that its hook stays with it where a page embeds the chat.
const purifier = DOMPurify();
purifier.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName !== 'A') return;
  node.setAttribute('target', '_blank');
  node.setAttribute('rel', 'noopener noreferrer');
});

function sanitise(html: string): string {
  return purifier.sanitize(html, {
    ALLOWED_TAGS: [
      ...['p', 'br', 'hr', 'strong', 'em', 'del', 'code', 'pre', 'blockquote', 'a'],
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li'],
      ...['table', 'thead', 'tbody', 'tr', 'th', 'td'],
    ],
    ALLOWED_ATTR: ['href', 'title', 'start', 'align'],
    ALLOWED_URI_REGEXP: ADDRESS,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
  });
}

function blockOf(token: Token): Block | undefined {
  switch (token.type) {
    case 'space':
    case 'def':
      return undefined;
    case 'code': {
      const { lang, text } = token as Tokens.Code;
      return { kind: 'code', language: lang?.match(/^\S+/)?.[0] ?? '', text };
    }
    default:
      return { kind: 'html', html: sanitise(marked.parser([token])) };
  }
}

function present(blocks: readonly (Block | undefined)[]): Block[] {
  return blocks.filter((block) => block !== undefined);
}

/** A block behind which another one has begun. */
interface Settled {
  readonly raw: string;
  readonly block: Block | undefined;
}

/**
 * Renders a text that grows. While it does, blocks behind which another one has begun are settled
 * and not looked at again, so that the cost of a step is that of its last block; `finish` reads
 * the whole once more, for what only the whole can tell (such as link definitions at the end).
 */
export class GrowingMarkdown {
  #settled: Settled[] = [];
  #prefix = '';

  grow(text: string): Block[] {
    const source = text.replace(/\r\n?/g, '\n');
    if (!source.startsWith(this.#prefix)) {
      this.#settled = [];
      this.#prefix = '';
    }
    const tail = source.slice(this.#prefix.length);
    const tokens: Token[] = marked.lexer(tail);
    let last = tokens.length - 1;
    while (last > 0 && tokens[last]?.type === 'space') last--;
    let rest = tail;
    for (const token of tokens.slice(0, last)) {
      if (!rest.startsWith(token.raw)) break;
      rest = rest.slice(token.raw.length);
      this.#settled.push({ raw: token.raw, block: blockOf(token) });
    }
    this.#prefix = source.slice(0, source.length - rest.length);
    return present([...this.#settled.map(({ block }) => block), ...lex(rest).map(blockOf)]);
  }

  finish(text: string): Block[] {
    const tokens = marked.lexer(text);
    const known = Object.keys(tokens.links).length === 0 ? this.#settledBlocks() : undefined;
    this.#settled = [];
    this.#prefix = '';
    return present(tokens.map((token) => known?.get(token.raw) ?? blockOf(token)));
  }

  #settledBlocks(): Map<string, Block | undefined> {
    return new Map(this.#settled.map(({ raw, block }) => [raw, block]));
  }
}

function lex(tail: string): Token[] {
  return marked.lexer(mend(tail));
}

/** Closes what the model has opened and not closed yet, so that nothing flickers while it writes. */
function mend(tail: string): string {
  if (/^ {0,3}(?:```|~~~)/m.test(tail)) return tail;
  const text = tail.replace(/!?\[([^\]\n]*)\]\([^)\s]*$/, '$1').replace(/[*_`]+$/, '');
  const line = text.slice(text.lastIndexOf('\n\n') + 1);
  if (odd(line, /`/g)) return `${text.trimEnd()}\``;
  return odd(line.replace(/`[^`]*`/g, ''), /\*\*/g) ? `${text.trimEnd()}**` : text;
}

function odd(text: string, mark: RegExp): boolean {
  return (text.match(mark)?.length ?? 0) % 2 === 1;
}
