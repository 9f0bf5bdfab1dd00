import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { unsafeHTML } from 'lit/directives/unsafe-html.js';
import type { Api, Citation, ContextPart, ContextReceipt, Usage } from './api';
import type { Answer } from './chat-session';
import { alertIcon, checkIcon, chevronIcon, copyIcon } from './icons';
import { GrowingMarkdown, type Block } from './markdown';
import { answerStyles, theme } from './styles';
import { errorText, labelOf, type Texts } from './texts';

const HUES: Record<string, number> = {
  system: 265,
  profile: 330,
  knowledge: 165,
  recalled: 300,
  digest: 90,
  history: 215,
  message: 35,
};

/** One answer: its text as it grows, and below it what it rests on. */
export class MagpieAnswer extends LitElement {
  static override styles = [theme, answerStyles];

  static override properties = {
    answer: { attribute: false },
    texts: { attribute: false },
    api: { attribute: false },
    receipt: { state: true },
    copied: { state: true },
  };

  declare answer: Answer;
  declare texts: Texts;
  declare api: Api;
  declare receipt: ContextReceipt | 'loading' | 'failed' | undefined;
  declare copied: string | undefined;

  readonly #markdown = new GrowingMarkdown();
  #blocks: Block[] = [];
  #rendered: string | undefined;
  #begun = 0;
  #notBefore = 0;
  #later = 0;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#later);
  }

  /** Rendering a growing text takes a fifth of the time at most, however long it gets. */
  protected override shouldUpdate(): boolean {
    const early = this.#notBefore - performance.now();
    if (this.answer.status !== 'streaming' || early <= 0) return true;
    clearTimeout(this.#later);
    this.#later = window.setTimeout(() => this.requestUpdate(), early);
    return false;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const { text, status } = this.answer;
    const ended = status !== 'streaming' && status !== 'waiting';
    const version = `${ended}:${text}`;
    this.#begun = performance.now();
    if (version !== this.#rendered) {
      this.#blocks = ended ? this.#markdown.finish(text) : this.#markdown.grow(text);
      this.#rendered = version;
    }
    if (changed.has('answer')) {
      const before = changed.get('answer') as Answer | undefined;
      if (before && before.replyId !== this.answer.replyId) this.receipt = undefined;
    }
  }

  protected override updated(): void {
    const end = performance.now();
    this.#notBefore = end + 4 * (end - this.#begun);
  }

  /** The text without its Markdown, for reading it out. */
  get plainText(): string {
    const shown = this.renderRoot.querySelectorAll('.prose > div');
    const parts = this.#blocks.map((block, at) =>
      block.kind === 'code' ? block.text : shown[at]?.textContent?.trim(),
    );
    return parts.join('\n');
  }

  protected override render(): TemplateResult {
    const { answer, texts } = this;
    const ended = answer.status !== 'streaming' && answer.status !== 'waiting';
    const silent = !ended && answer.text === '';
    return html`
      ${answer.human ? html`<p class="human">${texts.human}</p>` : nothing}
      ${answer.reasoning ? this.#reasoning(answer, silent) : nothing}
      ${silent ? this.#dots(answer.reasoning !== '') : nothing}
      <div class="prose" lang="">${this.#blocks.map((block, at) => this.#block(block, at))}</div>
      ${answer.status === 'stopped' ? html`<span class="mark">${texts.stopped}</span>` : nothing}
      ${answer.degraded
        ? html`<span class="mark warn" title=${texts.degradedWhy}
            >${alertIcon}${texts.degraded}</span
          >`
        : nothing}
      ${answer.status === 'failed' ? this.#failure(answer) : nothing}
      ${ended && !answer.human ? this.#below(answer) : nothing}
    `;
  }

  #dots(reasoning: boolean): TemplateResult {
    return html`<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>
      <span class="hidden">${reasoning ? '' : this.texts.thinking}</span>`;
  }

  #reasoning(answer: Answer, silent: boolean): TemplateResult {
    return html`<details class="reasoning">
      <summary>
        <span class="turner">${chevronIcon}</span>${silent
          ? this.texts.thinking
          : this.texts.reasoning}
      </summary>
      <div>${answer.reasoning}</div>
    </details>`;
  }

  #block(block: Block, at: number): TemplateResult {
    if (block.kind === 'html') {
      const wide = block.html.startsWith('<table');
      return html`<div class=${wide ? 'wide' : ''}>${unsafeHTML(block.html)}</div>`;
    }
    return html`<div class="code">
      <header>
        <span>${block.language || this.texts.code}</span>
        ${this.#copyButton(`code${at}`, block.text)}
      </header>
      <pre tabindex="0"><code>${block.text}</code></pre>
    </div>`;
  }

  #copyButton(id: string, text: string): TemplateResult {
    const done = this.copied === id;
    return html`<button class="tool" type="button" @click=${() => this.#copy(id, text)}>
      ${done ? checkIcon : copyIcon}${done ? this.texts.copied : this.texts.copy}
    </button>`;
  }

  async #copy(id: string, text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      return;
    }
    this.copied = id;
    setTimeout(() => {
      if (this.copied === id) this.copied = undefined;
    }, 1500);
  }

  #failure(answer: Answer): TemplateResult {
    return html`<p class="broken">
      ${errorText(this.texts, answer.error)}
      <button type="button" @click=${() => this.dispatchEvent(new CustomEvent('again'))}>
        ${this.texts.tryAgain}
      </button>
    </p>`;
  }

  #below(answer: Answer): TemplateResult | typeof nothing {
    if (!answer.text && !answer.replyId) return nothing;
    return html`<div class="below">
      ${answer.citations.length ? this.#sources(answer.citations) : nothing}
      ${answer.replyId ? this.#madeOf(answer.replyId, answer.usage) : nothing}
      ${answer.text ? this.#copyButton('all', answer.text) : nothing}
    </div>`;
  }

  #sources(citations: readonly Citation[]): TemplateResult {
    return html`<details class="sources">
      <summary>
        <span class="turner">${chevronIcon}</span>${this.texts.sources(citations.length)}
      </summary>
      <div class="panel">
        ${citations.map(
          (citation, at) =>
            html`<div class="source">
              <span class="number">${at + 1}</span><strong>${citation.title}</strong>
              ${citation.section ? html`<span class="where"> › ${citation.section}</span>` : nothing}
              ${citation.snippet ? html`<blockquote>${citation.snippet}</blockquote>` : nothing}
            </div>`,
        )}
      </div>
    </details>`;
  }

  #madeOf(replyId: string, usage: Usage | undefined): TemplateResult {
    const open = (event: Event): void => {
      if ((event.target as HTMLDetailsElement).open) void this.#readReceipt(replyId);
    };
    return html`<details class="made-of" @toggle=${open}>
      <summary><span class="turner">${chevronIcon}</span>${this.texts.madeOf}</summary>
      <div class="panel">${this.#receipt()} ${this.#usage(usage)}</div>
    </details>`;
  }

  async #readReceipt(replyId: string): Promise<void> {
    if (this.receipt !== undefined && this.receipt !== 'failed') return;
    this.receipt = 'loading';
    try {
      this.receipt = await this.api.context(replyId);
    } catch {
      this.receipt = 'failed';
    }
  }

  #usage(usage: Usage | undefined): TemplateResult | typeof nothing {
    if (usage?.input_tokens == null || usage.output_tokens == null) return nothing;
    const text = this.texts.usage(this.#number(usage.input_tokens), this.#number(usage.output_tokens));
    return html`<p class="where usage">${text}</p>`;
  }

  #receipt(): TemplateResult {
    const { receipt, texts } = this;
    if (receipt === undefined || receipt === 'loading') return html`<p>${texts.loading}</p>`;
    if (receipt === 'failed') return html`<p>${texts.madeOfFailed}</p>`;
    if (!receipt.parts?.length) return html`<p>${texts.madeOfNone}</p>`;
    const used = receipt.parts.filter((part) => part.fate.toLowerCase() !== 'dropped');
    return html`
      <p>${texts.madeOfTotal(this.#number(receipt.total), this.#number(receipt.budget))}</p>
      <div class="bar" aria-hidden="true">
        ${used.map(
          (part) =>
            html`<i style="--hue:${hueOf(part)};width:${share(part.tokens, receipt.budget)}%"></i>`,
        )}
      </div>
      <ul class="parts">
        ${grouped(receipt.parts).map((group) => this.#part(group))}
      </ul>
    `;
  }

  #part({ part, tokens, count }: Group): TemplateResult {
    const { texts } = this;
    const fate = part.fate.toLowerCase();
    return html`<li class=${fate === 'dropped' ? 'dropped' : ''}>
      <span class="dot" style="--hue:${hueOf(part)}"></span>
      <span>${labelOf(texts.kinds, part.kind)}</span>
      <span class="where" title=${part.source}
        >${isKnowledge(part) ? part.source : nothing}${count > 1 ? `× ${count}` : nothing}</span
      >
      <span class="count"
        >${texts.tokens(this.#number(tokens))} · ${labelOf(texts.fates, fate)}</span
      >
    </li>`;
  }

  #number(value: number): string {
    return value.toLocaleString(this.texts.lang);
  }
}

interface Group {
  readonly part: ContextPart;
  tokens: number;
  count: number;
}

/** Messages are many and look alike: one line for all of a kind and fate; documents one by one. */
function grouped(parts: readonly ContextPart[]): Group[] {
  const groups = new Map<string, Group>();
  for (const part of parts) {
    const key = [part.kind, part.fate, isKnowledge(part) ? part.source : ''].join('\n');
    const group = groups.get(key);
    if (group) {
      group.tokens += part.tokens;
      group.count++;
    } else {
      groups.set(key, { part, tokens: part.tokens, count: 1 });
    }
  }
  return [...groups.values()];
}

function isKnowledge(part: ContextPart): boolean {
  return part.kind.toLowerCase() === 'knowledge';
}

function hueOf(part: ContextPart): number {
  return HUES[part.kind.toLowerCase()] ?? 0;
}

function share(tokens: number, budget: number): number {
  return budget > 0 ? Math.min(100, (100 * tokens) / budget) : 0;
}

customElements.define('magpie-answer', MagpieAnswer);
