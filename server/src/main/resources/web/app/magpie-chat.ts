import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { Api, Refusal, type Character } from './api';
import { ChatSession, type Turn } from './chat-session';
import { alertIcon, birdLogo, closeIcon, downIcon, menuIcon, sendIcon, stopIcon } from './icons';
import type { MagpieAnswer } from './magpie-answer';
import './magpie-answer';
import { hurry, Patience, pause } from './patience';
import { lasting } from './storage';
import { chatStyles, theme } from './styles';
import { errorText, suggestionsFor, textsFor, type Texts } from './texts';

const CHOICE = 'magpie.character';

/** How near to its end the conversation counts as being read at its end, in pixels. */
const NEAR = 80;

/**
 * The chat: whom to talk to, what was said, and where to say more.
 *
 * Attributes: `server`, the address of the Magpie server (default: where the page comes from);
 * `character`, the id of the one to talk to, which leaves the choice away; `languages`, preferred
 * languages separated by commas (default: the browser's).
 */
export class MagpieChat extends LitElement {
  static override styles = [theme, chatStyles];

  static override properties = {
    server: { type: String },
    character: { type: String },
    languages: { type: String },
    draft: { state: true },
    choosing: { state: true },
    away: { state: true },
    said: { state: true },
  };

  declare server: string;
  declare character: string;
  declare languages: string;
  declare draft: string;
  declare choosing: boolean;
  declare away: boolean;
  declare said: string;

  #texts: Texts = textsFor([]);
  #api = new Api();
  #characters: Character[] | undefined;
  #unreachable = false;
  #session: ChatSession | undefined;
  #life = new AbortController();
  #frame = 0;
  #clock = 0;
  #announced: string | undefined;
  #stick = true;

  constructor() {
    super();
    this.server = '';
    this.character = '';
    this.languages = '';
    this.draft = '';
    this.choosing = false;
    this.away = false;
    this.said = '';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const wanted = this.languages ? this.languages.split(',') : navigator.languages;
    this.#texts = textsFor(wanted.map((one) => one.trim()));
    this.#api = new Api(this.server.replace(/\/+$/, ''));
    this.#life = new AbortController();
    const { signal } = this.#life;
    document.addEventListener(
      'visibilitychange',
      () => {
        if (document.visibilityState === 'visible') void this.#session?.refresh();
      },
      { signal },
    );
    void this.#begin(signal);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#life.abort();
    this.#session?.close();
    this.#session = undefined;
    clearInterval(this.#clock);
    cancelAnimationFrame(this.#frame);
  }

  async #begin(signal: AbortSignal): Promise<void> {
    const patience = new Patience(10_000);
    for (;;) {
      try {
        this.#characters = inOrder(await this.#api.characters(), this.#texts.lang);
        break;
      } catch (failure) {
        if (signal.aborted) return;
        this.#unreachable = true;
        this.requestUpdate();
        const asked = failure instanceof Refusal ? failure.retryAfter : undefined;
        try {
          await pause(asked ?? patience.next(), signal, true);
        } catch {
          return;
        }
      }
    }
    if (signal.aborted) return;
    this.#unreachable = false;
    const wish = this.character || lasting.read<string>(CHOICE);
    const found = this.#characters.find((one) => one.id === wish) ?? this.#characters[0];
    if (found) this.#talkTo(found);
    this.requestUpdate();
  }

  #talkTo(character: Character): void {
    this.#session?.close();
    this.#announced = undefined;
    this.#stick = true;
    this.said = '';
    const session = new ChatSession(this.#api, character, () => {
      if (this.#session === session) this.#soon();
    });
    this.#session = session;
    void session.open();
    this.requestUpdate();
  }

  /** Updates once per frame at most; a hidden page has no frames and needs none. */
  #soon(): void {
    if (this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.requestUpdate();
    });
  }

  protected override willUpdate(): void {
    const session = this.#session;
    const active = session?.active;
    if (active && this.#announced !== active.key) {
      this.#announced = active.key;
      this.said = this.#texts.answering(session.character.name);
    } else if (session && !active && this.#announced) {
      const turn = session.turns.find((one) => one.key === this.#announced);
      this.#announced = undefined;
      void this.#readOut(turn ?? session.turns.at(-1), session);
    }
    const counting = session?.notice?.kind === 'busy';
    if (counting && !this.#clock) {
      this.#clock = window.setInterval(() => this.requestUpdate(), 1000);
    } else if (!counting && this.#clock) {
      clearInterval(this.#clock);
      this.#clock = 0;
    }
  }

  /** Reads an answer out when it has ended: all of it, once. */
  async #readOut(turn: Turn | undefined, session: ChatSession): Promise<void> {
    if (turn?.unsent) {
      this.said = `${this.#texts.notSent} ${errorText(this.#texts, turn.unsent)}`;
      return;
    }
    await this.updateComplete;
    const answers = this.renderRoot.querySelectorAll<MagpieAnswer>('magpie-answer');
    const answer = [...answers].find((one) => one.answer === turn?.answer);
    await answer?.updateComplete;
    if (session !== this.#session || !answer) return;
    const { status, error } = answer.answer;
    const text = answer.plainText;
    if (status === 'failed') this.said = `${text} ${errorText(this.#texts, error)}`;
    else this.said = status === 'stopped' ? `${text} ${this.#texts.stopped}` : text;
  }

  protected override updated(changed: PropertyValues<this>): void {
    this.lang = this.#texts.lang;
    if (this.#stick) this.#toEnd();
    if (changed.has('choosing')) {
      const opener = this.choosing ? '.person[aria-current=true], .person' : '.switch';
      if (this.choosing || changed.get('choosing')) this.#find(opener)?.focus();
    }
  }

  protected override firstUpdated(): void {
    const grown = new ResizeObserver(() => {
      if (this.#stick) this.#toEnd();
    });
    for (const part of this.renderRoot.querySelectorAll('.scroll, .content')) grown.observe(part);
    this.#life.signal.addEventListener('abort', () => grown.disconnect());
  }

  #find(selector: string): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>(selector);
  }

  #toEnd(): void {
    const scroll = this.#find('.scroll');
    if (scroll) scroll.scrollTop = scroll.scrollHeight;
  }

  #scrolled(event: Event): void {
    const { scrollTop, scrollHeight, clientHeight } = event.target as HTMLElement;
    this.#stick = scrollHeight - scrollTop - clientHeight < NEAR;
    this.away = !this.#stick;
  }

  protected override render(): TemplateResult {
    const chosen = this.#session?.character;
    return html`<div class="frame" @keydown=${this.#escape}>
      ${this.character ? nothing : this.#people(chosen)}
      <section class="talk" aria-label=${this.#texts.conversation}>
        ${chosen ? this.#header(chosen) : nothing}
        <div class="scroll" @scroll=${this.#scrolled} tabindex="-1">
          <div class="content">${this.#content()}</div>
        </div>
        ${chosen ? this.#footer(chosen) : nothing}
        <div class="hidden" role="status" aria-live="polite">${this.said}</div>
      </section>
    </div>`;
  }

  #people(chosen: Character | undefined): TemplateResult {
    const open = this.choosing ? 'open' : '';
    return html`<nav class="people ${open}" aria-label=${this.#texts.characters}>
        <div class="brand">
          ${birdLogo}<span>Magpie</span>
          <button class="close" type="button" aria-label=${this.#texts.close}
            @click=${() => (this.choosing = false)}>${closeIcon}</button>
        </div>
        <h2>${this.#texts.characters}</h2>
        <ul>
          ${(this.#characters ?? []).map(
            (one) =>
              html`<li>
                <button class="person" type="button" aria-current=${one.id === chosen?.id}
                  @click=${() => this.#choose(one)}>
                  ${face(one)} ${about(one)}
                </button>
              </li>`,
          )}
        </ul>
      </nav>
      <div class="shade ${open}" @click=${() => (this.choosing = false)}></div>`;
  }

  #choose(character: Character): void {
    lasting.write(CHOICE, character.id);
    this.choosing = false;
    if (character.id !== this.#session?.character.id) this.#talkTo(character);
    if (matchMedia('(pointer: fine)').matches) {
      void this.updateComplete.then(() => this.#find('textarea')?.focus());
    }
  }

  #header(chosen: Character): TemplateResult {
    return html`<header>
      <div class="current ${this.character ? '' : 'fixed'}">${face(chosen)} ${about(chosen)}</div>
      ${this.character
        ? nothing
        : html`<button class="current switch" type="button" aria-expanded=${this.choosing}
            title=${this.#texts.chooseCharacter} @click=${() => (this.choosing = true)}>
            ${face(chosen)} ${about(chosen)} ${menuIcon}
          </button>`}
    </header>`;
  }

  #content(): TemplateResult {
    const session = this.#session;
    if (this.#unreachable || session?.state === 'unreachable') return this.#cannotReach();
    if (this.#characters?.length === 0) return this.#nobody();
    if (!session || session.state === 'loading') return this.#waiting();
    if (session.turns.length === 0) return this.#empty(session.character);
    return html`<div class="column">
      ${session.hasEarlier ? this.#earlier(session) : this.#greeting(session.character)}
      ${repeat(
        session.turns,
        (turn) => turn.key,
        (turn) => this.#turn(turn, session),
      )}
    </div>`;
  }

  #earlier(session: ChatSession): TemplateResult {
    return html`<button class="earlier" type="button" @click=${() => this.#readEarlier(session)}>
      ${this.#texts.earlier}
    </button>`;
  }

  /** What was in view stays in view. */
  async #readEarlier(session: ChatSession): Promise<void> {
    const scroll = this.#find('.scroll');
    this.#stick = false;
    const below = scroll ? scroll.scrollHeight - scroll.scrollTop : 0;
    await session.readEarlier();
    this.requestUpdate();
    await this.updateComplete;
    requestAnimationFrame(() => {
      if (scroll) scroll.scrollTop = scroll.scrollHeight - below;
    });
  }

  #greeting(character: Character): TemplateResult | typeof nothing {
    if (!character.greeting) return nothing;
    return html`<div class="turn" style="white-space:pre-wrap">${character.greeting}</div>`;
  }

  #turn(turn: Turn, session: ChatSession): TemplateResult {
    return html`<div class="turn">
      ${turn.question === undefined ? nothing : this.#question(turn, turn.question, session)}
      ${turn.answer
        ? html`<magpie-answer .answer=${turn.answer} .texts=${this.#texts} .api=${this.#api}
            role="group" aria-label=${turn.answer.human ? this.#texts.human : session.character.name}
            aria-busy=${turn === session.active}
            @again=${() => this.#again(turn, session)}></magpie-answer>`
        : nothing}
    </div>`;
  }

  #question(turn: Turn, text: string, session: ChatSession): TemplateResult {
    return html`<div class="question ${turn.unsent ? 'unsent' : ''}">
      <div class="bubble" role="group" aria-label=${this.#texts.you}>${text}</div>
      ${turn.unsent
        ? html`<p class="failure">
            <span>${this.#texts.notSent} ${errorText(this.#texts, turn.unsent)}</span>
            <button type="button" @click=${() => session.resend(turn)}>
              ${this.#texts.tryAgain}
            </button>
            <button type="button" @click=${() => this.#edit(turn, text, session)}>
              ${this.#texts.edit}
            </button>
          </p>`
        : nothing}
    </div>`;
  }

  #again(turn: Turn, session: ChatSession): void {
    if (turn.question === undefined) return;
    this.#stick = true;
    session.send(turn.question);
  }

  #edit(turn: Turn, text: string, session: ChatSession): void {
    session.discard(turn);
    this.draft = text;
    this.#find('textarea')?.focus();
  }

  #empty(character: Character): TemplateResult {
    const suggestions = suggestionsFor(this.#texts, character.locale);
    return html`<div class="empty">
      ${face(character, 'large')}
      <h2>${character.name}</h2>
      <p>${character.description}</p>
      ${character.greeting ? html`<div class="greeting">${character.greeting}</div>` : nothing}
      <div class="suggestions">
        ${suggestions.map(
          (text) =>
            html`<button type="button" @click=${() => this.#send(text)}>${text}</button>`,
        )}
      </div>
    </div>`;
  }

  #cannotReach(): TemplateResult {
    return html`<div class="empty" role="alert">
      <h2>${this.#texts.unreachable}</h2>
      <p>${this.#texts.unreachableMore}</p>
      <button class="primary" type="button" @click=${hurry}>
        ${this.#texts.tryAgain}
      </button>
    </div>`;
  }

  #nobody(): TemplateResult {
    return html`<div class="empty">
      ${birdLogo}
      <h2>${this.#texts.noCharacters}</h2>
      <p>${this.#texts.noCharactersMore}</p>
    </div>`;
  }

  #waiting(): TemplateResult {
    return html`<div class="column" aria-busy="true">
      <span class="hidden">${this.#texts.loading}</span>
      ${[85, 70, 40].map((width) => html`<div class="skeleton" style="width:${width}%"></div>`)}
    </div>`;
  }

  #footer(chosen: Character): TemplateResult {
    const answering = this.#session?.active !== undefined;
    const label = this.#texts.messageTo(chosen.name);
    return html`<footer>
      ${this.away
        ? html`<button class="latest" type="button" aria-label=${this.#texts.toLatest}
            @click=${() => this.#toEnd()}>${downIcon}</button>`
        : nothing}
      ${this.#notice()}
      <form class="composer" @submit=${this.#submit}>
        <textarea rows="1" enterkeyhint="send" aria-label=${label} placeholder=${label}
          title=${this.#texts.keys} .value=${this.draft} @input=${this.#typed}
          @keydown=${this.#key}></textarea>
        ${answering ? this.#stopButton() : this.#sendButton()}
      </form>
      <p class="caution">${this.#texts.caution}</p>
    </footer>`;
  }

  #sendButton(): TemplateResult {
    const blank = this.draft.trim() === '' || this.#session?.state !== 'ready';
    return html`<button class="go" type="submit" aria-label=${this.#texts.send} ?disabled=${blank}>
      ${sendIcon}
    </button>`;
  }

  #stopButton(): TemplateResult {
    const { stopping = false, active } = this.#session ?? {};
    const label = stopping ? this.#texts.stopping : this.#texts.stop;
    return html`<button class="go stop" type="button" aria-label=${label} title=${label}
      ?disabled=${stopping || !active?.turnId} @click=${() => void this.#session?.stop()}>
      ${stopIcon}
    </button>`;
  }

  #notice(): TemplateResult | typeof nothing {
    const notice = this.#session?.notice;
    if (!notice) return nothing;
    const text =
      notice.kind === 'offline'
        ? this.#texts.offline
        : this.#texts.busy(Math.ceil((notice.until - Date.now()) / 1000));
    return html`<div class="notice">${alertIcon}<span>${text}</span></div>`;
  }

  #typed(event: Event): void {
    const area = event.target as HTMLTextAreaElement;
    this.draft = area.value;
    if (CSS.supports('field-sizing', 'content')) return;
    area.style.height = 'auto';
    area.style.height = `${area.scrollHeight}px`;
  }

  #key(event: KeyboardEvent): void {
    // An input method uses Enter to take a candidate; Safari tells only by the old key code.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.#send(this.draft);
  }

  #submit(event: Event): void {
    event.preventDefault();
    this.#send(this.draft);
  }

  #send(text: string): void {
    const session = this.#session;
    if (!session || session.active || session.state !== 'ready' || text.trim() === '') return;
    if (text === this.draft) this.draft = '';
    this.#stick = true;
    session.send(text.trim());
    this.#find('textarea')?.focus();
  }

  #escape(event: KeyboardEvent): void {
    if (event.key === 'Escape' && this.choosing) this.choosing = false;
  }
}

/** Those who speak the reader's language first. */
function inOrder(characters: readonly Character[], lang: string): Character[] {
  const mine = (one: Character): boolean =>
    one.locale.slice(0, 2).toLowerCase() === lang.slice(0, 2).toLowerCase();
  return [...characters.filter(mine), ...characters.filter((one) => !mine(one))];
}

function face(character: Character, size = ''): TemplateResult {
  let hue = 0;
  for (const char of character.id) hue = (hue * 31 + char.charCodeAt(0)) % 360;
  const initial = [...character.name.trim()][0] ?? '?';
  return html`<span class="face ${size}" style="--hue:${hue}" aria-hidden="true">${initial}</span>`;
}

function about(character: Character): TemplateResult {
  return html`<span class="about"
    ><strong>${character.name}</strong><span>${character.description}</span></span
  >`;
}

customElements.define('magpie-chat', MagpieChat);
