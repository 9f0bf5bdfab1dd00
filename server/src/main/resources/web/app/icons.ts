import { html, svg, type SVGTemplateResult, type TemplateResult } from 'lit';

function icon(paths: SVGTemplateResult): TemplateResult {
  return html`<svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor"
    stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"
    focusable="false">${paths}</svg>`;
}

export const sendIcon = icon(svg`<path d="M12 19V5M5.5 11.5 12 5l6.5 6.5"/>`);
export const stopIcon = icon(
  svg`<rect x="5" y="5" width="14" height="14" rx="3" fill="currentColor" stroke="none"/>`,
);
export const downIcon = icon(svg`<path d="M12 5v14M5.5 12.5 12 19l6.5-6.5"/>`);
export const chevronIcon = icon(svg`<path d="m9 6 6 6-6 6"/>`);
export const menuIcon = icon(svg`<path d="m7 10 5 5 5-5"/>`);
export const closeIcon = icon(svg`<path d="M6 6l12 12M18 6 6 18"/>`);
export const copyIcon = icon(
  svg`<rect x="9" y="9" width="11" height="11" rx="2.5"/><path d="M15 9V6.5A2.5 2.5 0 0 0 12.5 4h-6A2.5 2.5 0 0 0 4 6.5v6A2.5 2.5 0 0 0 6.5 15H9"/>`,
);
export const checkIcon = icon(svg`<path d="m5 12.5 4.5 4.5L19 7.5"/>`);
export const alertIcon = icon(svg`<circle cx="12" cy="12" r="9"/><path d="M12 7.5v5.5M12 16.2v.1"/>`);

export const birdLogo = html`<svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true"
  focusable="false"><rect width="32" height="32" rx="9" fill="var(--accent-strong)"/><path
  d="M7 21c0-7 4.5-12 10.5-12 3 0 5 1.6 5.7 3.8L27 14l-3.6 1.6C22.8 21 19 24 13.5 24c-1.6
  0-3.2-.3-4.5-.9L4.5 25z" fill="#fff"/><circle cx="19.3" cy="13.6" r="1.4"
  fill="var(--accent-strong)"/></svg>`;
