import { css } from 'lit';

/** Colours and shapes; a page that embeds the chat may set the `--magpie-…` ones. */
export const theme = css`
  :host {
    color-scheme: light dark;
    --paper: var(--magpie-paper, #f6f5f1);
    --surface: #ffffff;
    --sunken: #eeece6;
    --line: #e0ddd5;
    --ink: #1e2123;
    --muted: #62676a;
    --accent: var(--magpie-accent, #1f6f5c);
    --accent-strong: var(--magpie-accent, #1f6f5c);
    --accent-soft: #e0ece7;
    --on-accent: #ffffff;
    --warn: #8a5a00;
    --warn-soft: #fbf1dc;
    --bad: #a6342b;
    --bad-soft: #fbe9e6;
    --shadow: 0 1px 2px rgb(30 33 35 / 5%), 0 6px 24px rgb(30 33 35 / 7%);
    --font: system-ui, -apple-system, 'Segoe UI', Roboto, 'PingFang SC', 'Hiragino Sans GB',
      'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', sans-serif;
    --mono: ui-monospace, 'SF Mono', 'Cascadia Code', Menlo, Consolas, 'Noto Sans Mono CJK SC',
      monospace;
  }

  @media (prefers-color-scheme: dark) {
    :host {
      --paper: var(--magpie-paper, #15171a);
      --surface: #24282c;
      --sunken: #101214;
      --line: #363b40;
      --ink: #e8e7e3;
      --muted: #a0a5a9;
      --accent: var(--magpie-accent, #6cc3aa);
      --accent-strong: var(--magpie-accent, #26826c);
      --accent-soft: #1f352f;
      --warn: #e5b962;
      --warn-soft: #33291a;
      --bad: #f0978d;
      --bad-soft: #3a2220;
      --shadow: 0 1px 2px rgb(0 0 0 / 30%), 0 6px 24px rgb(0 0 0 / 25%);
    }
  }

  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }

  button {
    font: inherit;
    color: inherit;
    background: none;
    border: 0;
    padding: 0;
    cursor: pointer;
  }

  svg {
    display: block;
    flex: none;
  }

  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }

  .hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation-duration: 1ms !important;
      animation-iteration-count: 1 !important;
      transition-duration: 1ms !important;
      scroll-behavior: auto !important;
    }
  }
`;

export const chatStyles = css`
  :host {
    display: block;
    height: 100%;
    min-height: 0;
    container-type: inline-size;
    font: 400 1rem/1.6 var(--font);
    color: var(--ink);
    background: var(--paper);
    -webkit-text-size-adjust: 100%;
  }

  .frame {
    position: relative;
    display: grid;
    grid-template-columns: 17.5rem minmax(0, 1fr);
    grid-template-rows: minmax(0, 1fr);
    height: 100%;
  }

  .people {
    display: flex;
    flex-direction: column;
    min-height: 0;
    padding: 1.25rem 0.75rem;
    border-right: 1px solid var(--line);
    background: var(--sunken);
  }

  .brand {
    display: flex;
    align-items: center;
    gap: 0.625rem;
    padding: 0 0.5rem 1.25rem;
    font-weight: 650;
    font-size: 1.0625rem;
    letter-spacing: -0.01em;
  }

  .brand .close {
    display: none;
    margin-left: auto;
  }

  .people h2 {
    margin: 0 0.625rem 0.5rem;
    font-size: 0.8125rem;
    font-weight: 600;
    color: var(--muted);
  }

  .people ul {
    margin: 0;
    padding: 0.125rem;
    overflow-y: auto;
    list-style: none;
    flex: 1;
  }

  .person {
    display: flex;
    align-items: center;
    gap: 0.75rem;
    width: 100%;
    margin-bottom: 0.25rem;
    padding: 0.625rem;
    border-radius: 0.75rem;
    text-align: left;
  }

  .person:hover {
    background: color-mix(in srgb, var(--surface) 60%, transparent);
  }

  .person[aria-current='true'] {
    background: var(--surface);
    box-shadow: 0 1px 3px rgb(0 0 0 / 8%);
  }

  .about {
    min-width: 0;
    line-height: 1.35;
  }

  .about strong {
    display: block;
    overflow: hidden;
    font-weight: 600;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .about span {
    display: -webkit-box;
    overflow: hidden;
    font-size: 0.8125rem;
    color: var(--muted);
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
  }

  .face {
    display: grid;
    place-items: center;
    flex: none;
    width: 2.375rem;
    height: 2.375rem;
    border-radius: 50%;
    font-weight: 600;
    color: #fff;
    background: hsl(var(--hue) 34% 36%);
  }

  .face.large {
    width: 4rem;
    height: 4rem;
    font-size: 1.625rem;
  }

  .talk {
    position: relative;
    display: flex;
    flex-direction: column;
    min-width: 0;
    min-height: 0;
  }

  header {
    display: flex;
    align-items: center;
    min-height: 4rem;
    padding: 0.5rem 1.5rem;
    border-bottom: 1px solid var(--line);
  }

  .current {
    display: flex;
    align-items: center;
    gap: 0.75rem;
    min-width: 0;
    max-width: 100%;
    text-align: left;
  }

  .current .about span {
    -webkit-line-clamp: 1;
  }

  .switch {
    display: none;
  }

  .scroll {
    position: relative;
    flex: 1;
    min-height: 0;
    overflow: hidden auto;
    overscroll-behavior: contain;
    scrollbar-gutter: stable both-edges;
  }

  .content {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    align-items: start;
    min-height: 100%;
  }

  .column {
    width: 100%;
    max-width: 48rem;
    margin: 0 auto;
    padding: 1.75rem 1.5rem;
  }

  .turn {
    margin-bottom: 1.75rem;
  }

  .earlier {
    display: block;
    margin: 0 auto 1.5rem;
    padding: 0.375rem 1rem;
    border: 1px solid var(--line);
    border-radius: 999px;
    font-size: 0.875rem;
    color: var(--muted);
  }

  .earlier:hover {
    color: var(--ink);
  }

  .question {
    display: flex;
    flex-direction: column;
    align-items: flex-end;
    margin-bottom: 1.25rem;
  }

  .bubble {
    max-width: min(85%, 36rem);
    padding: 0.625rem 1rem;
    border-radius: 1.25rem 1.25rem 0.375rem 1.25rem;
    background: var(--accent-soft);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }

  .question.unsent .bubble {
    background: var(--bad-soft);
  }

  .failure {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: flex-end;
    gap: 0.25rem 0.75rem;
    margin: 0.375rem 0 0;
    font-size: 0.875rem;
    color: var(--bad);
  }

  .failure button {
    padding: 0.25rem 0.125rem;
    font-weight: 600;
    color: var(--accent);
    text-decoration: underline;
    text-underline-offset: 0.2em;
    text-decoration-thickness: 1px;
  }

  .empty {
    display: flex;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    align-self: center;
    max-width: 42rem;
    margin: 0 auto;
    padding: 2rem 1.5rem;
    text-align: center;
  }

  .empty h2 {
    margin: 1rem 0 0.25rem;
    font-size: 1.375rem;
    font-weight: 650;
    line-height: 1.3;
    letter-spacing: -0.01em;
  }

  .empty p {
    margin: 0;
    color: var(--muted);
  }

  .empty .greeting {
    max-width: 34rem;
    margin: 1.25rem 0 1.75rem;
    padding: 0.875rem 1.25rem;
    border-radius: 1.25rem;
    background: var(--surface);
    box-shadow: var(--shadow);
    color: var(--ink);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }

  .suggestions {
    display: flex;
    flex-wrap: wrap;
    justify-content: center;
    gap: 0.5rem;
  }

  .suggestions button {
    padding: 0.5rem 1rem;
    border: 1px solid var(--line);
    border-radius: 999px;
    background: var(--surface);
    font-size: 0.9375rem;
  }

  .suggestions button:hover {
    border-color: var(--accent);
    color: var(--accent);
  }

  .primary {
    margin-top: 1.25rem;
    padding: 0.5rem 1.25rem;
    border-radius: 999px;
    background: var(--accent-strong);
    color: var(--on-accent);
    font-weight: 600;
  }

  .latest {
    position: absolute;
    left: 50%;
    top: -3.25rem;
    display: grid;
    place-items: center;
    width: 2.5rem;
    height: 2.5rem;
    margin-left: -1.25rem;
    border: 1px solid var(--line);
    border-radius: 50%;
    background: var(--surface);
    box-shadow: var(--shadow);
    color: var(--muted);
  }

  footer {
    position: relative;
    width: 100%;
    max-width: 48rem;
    margin: 0 auto;
    padding: 0 1.5rem max(0.75rem, env(safe-area-inset-bottom));
  }

  .notice {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    margin-bottom: 0.5rem;
    padding: 0.5rem 0.875rem;
    border-radius: 0.75rem;
    background: var(--warn-soft);
    color: var(--warn);
    font-size: 0.875rem;
    line-height: 1.4;
  }

  .composer {
    display: flex;
    align-items: flex-end;
    gap: 0.5rem;
    padding: 0.5rem;
    border: 1px solid var(--line);
    border-radius: 1.5rem;
    background: var(--surface);
    box-shadow: var(--shadow);
  }

  .composer:focus-within {
    border-color: var(--accent);
  }

  textarea {
    flex: 1;
    min-width: 0;
    max-height: 11rem;
    min-height: 2.5rem;
    padding: 0.5rem 0.75rem;
    border: 0;
    outline: 0;
    resize: none;
    background: none;
    color: inherit;
    font: inherit;
    line-height: 1.5;
    field-sizing: content;
  }

  textarea:focus-visible {
    outline: none;
  }

  textarea::placeholder {
    color: var(--muted);
    opacity: 1;
  }

  .go {
    display: grid;
    place-items: center;
    flex: none;
    width: 2.5rem;
    height: 2.5rem;
    border-radius: 50%;
    background: var(--accent-strong);
    color: var(--on-accent);
    transition: opacity 120ms, background 120ms;
  }

  .go:disabled {
    background: color-mix(in srgb, var(--line) 55%, transparent);
    color: var(--muted);
    cursor: default;
  }

  .caution {
    margin: 0.5rem 0 0;
    text-align: center;
    font-size: 0.75rem;
    color: var(--muted);
  }

  .skeleton {
    height: 1rem;
    margin-bottom: 0.875rem;
    border-radius: 0.5rem;
    background: var(--line);
    animation: breathe 1.6s ease-in-out infinite;
  }

  @keyframes breathe {
    50% {
      opacity: 0.4;
    }
  }

  .shade {
    display: none;
  }

  @container (max-width: 52rem) {
    .frame {
      grid-template-columns: minmax(0, 1fr);
    }

    .people {
      position: absolute;
      inset: 0 auto 0 0;
      z-index: 3;
      width: min(20rem, 86%);
      padding-bottom: max(1.25rem, env(safe-area-inset-bottom));
      visibility: hidden;
      transform: translateX(-100%);
      transition: transform 180ms ease-out, visibility 180ms;
    }

    .people.open {
      visibility: visible;
      transform: none;
      box-shadow: var(--shadow);
    }

    .shade.open {
      display: block;
      position: absolute;
      inset: 0;
      z-index: 2;
      background: rgb(0 0 0 / 35%);
    }

    .brand .close {
      display: grid;
      place-items: center;
      width: 2.5rem;
      height: 2.5rem;
      margin: -0.375rem -0.375rem -0.375rem auto;
      color: var(--muted);
    }

    header {
      min-height: 3.5rem;
      padding: 0.375rem 1rem;
    }

    .current.fixed {
      display: none;
    }

    .current.switch {
      display: flex;
    }

    .column {
      padding: 1.25rem 1rem;
    }

    .empty {
      padding: 1.25rem 1rem;
    }

    footer {
      padding-inline: 0.75rem;
    }
  }
`;

export const answerStyles = css`
  :host {
    display: block;
  }

  .prose {
    overflow-wrap: anywhere;
  }

  .prose > :first-child > :first-child {
    margin-top: 0;
  }

  .prose > :last-child > :last-child {
    margin-bottom: 0;
  }

  p,
  ul,
  ol,
  blockquote,
  pre,
  table {
    margin: 0 0 0.875rem;
  }

  h1,
  h2,
  h3,
  h4,
  h5,
  h6 {
    margin: 1.25rem 0 0.5rem;
    font-size: 1rem;
    font-weight: 650;
    line-height: 1.4;
  }

  h1,
  h2 {
    font-size: 1.125rem;
  }

  ul,
  ol {
    padding-left: 1.5rem;
  }

  li {
    margin: 0.25rem 0;
  }

  li > p {
    margin-bottom: 0.375rem;
  }

  a:any-link {
    color: var(--accent);
    text-underline-offset: 0.2em;
  }

  blockquote > :last-child {
    margin-bottom: 0;
  }

  blockquote {
    padding: 0.125rem 0 0.125rem 1rem;
    border-left: 3px solid var(--line);
    color: var(--muted);
  }

  hr {
    margin: 1.25rem 0;
    border: 0;
    border-top: 1px solid var(--line);
  }

  code {
    padding: 0.125em 0.375em;
    border-radius: 0.375rem;
    background: var(--sunken);
    font: 0.875em/1.5 var(--mono);
  }

  pre {
    overflow-x: auto;
    padding: 0.875rem 1rem;
    border-radius: 0.75rem;
    background: var(--sunken);
    overflow-wrap: normal;
    tab-size: 4;
  }

  pre code {
    padding: 0;
    background: none;
  }

  .wide {
    overflow-x: auto;
  }

  table {
    border-collapse: collapse;
    font-size: 0.9375rem;
  }

  th,
  td {
    padding: 0.375rem 0.75rem;
    border-bottom: 1px solid var(--line);
    text-align: left;
    overflow-wrap: normal;
  }

  th {
    font-weight: 600;
    white-space: nowrap;
  }

  .code {
    margin: 0 0 0.875rem;
    border: 1px solid var(--line);
    border-radius: 0.75rem;
    overflow: hidden;
  }

  .code header {
    display: flex;
    align-items: center;
    justify-content: space-between;
    padding: 0.25rem 0.5rem 0.25rem 1rem;
    border-bottom: 1px solid var(--line);
    font-size: 0.8125rem;
    color: var(--muted);
  }

  .code pre {
    margin: 0;
    border-radius: 0;
  }

  .tool {
    display: inline-flex;
    align-items: center;
    gap: 0.375rem;
    padding: 0.25rem 0.5rem;
    border-radius: 0.5rem;
    color: var(--muted);
    font-size: 0.8125rem;
  }

  .tool:hover {
    color: var(--ink);
    background: var(--sunken);
  }

  .tool svg {
    width: 1rem;
    height: 1rem;
  }

  .dots {
    display: inline-flex;
    align-items: center;
    gap: 0.375rem;
    height: 1.6rem;
  }

  .dots i {
    width: 0.4375rem;
    height: 0.4375rem;
    border-radius: 50%;
    background: var(--muted);
    animation: pulse 1.2s ease-in-out infinite;
  }

  .dots i:nth-child(2) {
    animation-delay: 150ms;
  }

  .dots i:nth-child(3) {
    animation-delay: 300ms;
  }

  @keyframes pulse {
    0%,
    70%,
    100% {
      opacity: 0.25;
    }

    35% {
      opacity: 1;
    }
  }

  .mark {
    display: inline-flex;
    align-items: center;
    gap: 0.375rem;
    margin: 0.5rem 0.5rem 0 0;
    padding: 0.125rem 0.625rem;
    border-radius: 999px;
    background: var(--sunken);
    color: var(--muted);
    font-size: 0.8125rem;
  }

  .mark.warn {
    background: var(--warn-soft);
    color: var(--warn);
  }

  .mark svg {
    width: 0.9375rem;
    height: 0.9375rem;
  }

  .broken {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.25rem 0.75rem;
    margin: 0.5rem 0 0;
    padding: 0.625rem 0.875rem;
    border-radius: 0.75rem;
    background: var(--bad-soft);
    color: var(--bad);
    font-size: 0.9375rem;
  }

  .broken button {
    font-weight: 600;
    text-decoration: underline;
    text-underline-offset: 0.2em;
  }

  .human {
    margin: 0 0 0.25rem;
    font-size: 0.8125rem;
    font-weight: 600;
    color: var(--accent);
  }

  details > summary {
    display: inline-flex;
    align-items: center;
    gap: 0.25rem;
    padding: 0.25rem 0.5rem 0.25rem 0.25rem;
    border-radius: 0.5rem;
    color: var(--muted);
    font-size: 0.875rem;
    cursor: pointer;
    list-style: none;
    user-select: none;
  }

  summary::-webkit-details-marker {
    display: none;
  }

  summary:hover {
    color: var(--ink);
  }

  summary .turner {
    transition: transform 120ms;
  }

  summary .turner svg {
    width: 1rem;
    height: 1rem;
  }

  details[open] > summary .turner {
    transform: rotate(90deg);
  }

  .reasoning {
    margin: 0 0 0.625rem -0.25rem;
  }

  .reasoning > div {
    margin: 0.25rem 0 0 0.6875rem;
    padding: 0 0 0 1rem;
    border-left: 2px solid var(--line);
    color: var(--muted);
    font-size: 0.9375rem;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }

  .below {
    display: flex;
    flex-wrap: wrap;
    align-items: flex-start;
    gap: 0 0.5rem;
    margin: 0.5rem 0 0 -0.25rem;
  }

  .below > details {
    min-width: 0;
  }

  .below > details[open] {
    flex-basis: 100%;
  }

  .panel {
    margin: 0.375rem 0 0.5rem 0.25rem;
    padding: 0.875rem 1rem;
    border: 1px solid var(--line);
    border-radius: 0.875rem;
    background: var(--surface);
    font-size: 0.875rem;
    line-height: 1.5;
  }

  .panel p {
    margin: 0;
  }

  .panel .usage {
    margin-top: 0.625rem;
    padding-top: 0.625rem;
    border-top: 1px solid var(--line);
  }

  .source + .source {
    margin-top: 0.875rem;
    padding-top: 0.875rem;
    border-top: 1px solid var(--line);
  }

  .source strong {
    font-weight: 600;
  }

  .source .where,
  .panel .where {
    color: var(--muted);
  }

  .source blockquote {
    margin: 0.25rem 0 0;
    padding: 0;
    border: 0;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }

  .number {
    display: inline-grid;
    place-items: center;
    min-width: 1.25rem;
    height: 1.25rem;
    margin-right: 0.375rem;
    padding: 0 0.25rem;
    border-radius: 0.375rem;
    background: var(--accent-soft);
    color: var(--accent);
    font-size: 0.75rem;
    font-weight: 650;
  }

  .bar {
    display: flex;
    height: 0.5rem;
    margin: 0.5rem 0 0.75rem;
    border-radius: 999px;
    overflow: hidden;
    background: var(--sunken);
  }

  .bar i,
  .dot {
    background: hsl(var(--hue) 42% 48%);
  }

  .bar i {
    min-width: 2px;
  }

  .dot {
    flex: none;
    width: 0.5625rem;
    height: 0.5625rem;
    border-radius: 50%;
  }

  .parts {
    margin: 0;
    padding: 0;
    list-style: none;
  }

  .parts li {
    display: flex;
    align-items: baseline;
    gap: 0.5rem;
    margin: 0.125rem 0;
  }

  .parts .where {
    flex: 1;
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .parts .count {
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }

  .parts .dropped {
    opacity: 0.65;
  }
`;
