const en = {
  lang: 'en',
  characters: 'Characters',
  chooseCharacter: 'Choose a character',
  close: 'Close',
  message: 'Message',
  messageTo: (name: string) => `Message ${name}`,
  send: 'Send',
  stop: 'Stop answering',
  stopping: 'Stopping…',
  keys: 'Enter to send, Shift + Enter for a new line',
  caution: 'Answers are written by an AI. Please check what matters.',
  conversation: 'Conversation',
  you: 'You',
  human: 'A colleague',
  thinking: 'Thinking…',
  reasoning: 'How I got there',
  answering: (name: string) => `${name} is answering.`,
  toLatest: 'To the latest message',
  copy: 'Copy',
  copied: 'Copied',
  code: 'code',
  earlier: 'Earlier messages',
  stopped: 'You stopped this answer',
  degraded: 'Answered with limited context',
  degradedWhy: 'Part of the memory or knowledge was out of reach while this was written.',
  sources: (count: number) => (count === 1 ? '1 source' : `${count} sources`),
  madeOf: 'What this answer was made of',
  madeOfTotal: (total: string, budget: string) => `${total} of at most ${budget} tokens`,
  madeOfNone: 'Nothing was recorded for this answer.',
  madeOfFailed: 'This cannot be shown right now.',
  loading: 'Loading…',
  tokens: (count: string) => `${count} tokens`,
  usage: (input: string, output: string) => `${input} tokens read, ${output} written`,
  kinds: {
    system: 'Instructions',
    profile: 'Your profile',
    knowledge: 'Knowledge',
    recalled: 'Remembered turns',
    digest: 'Digest of earlier messages',
    history: 'Earlier messages',
    message: 'Your message',
    other: 'Other',
  },
  fates: {
    sent: 'sent',
    recalled: 'recalled',
    summarised: 'summarised',
    shortened: 'shortened',
    dropped: 'left out',
  },
  offline: 'No connection. Trying again by itself…',
  busy: (seconds: number) =>
    seconds > 1 ? `A lot is going on. Trying again in ${seconds} s…` : 'A lot is going on. Trying again…',
  unreachable: 'The server cannot be reached',
  unreachableMore: 'It is tried again by itself. You can also try now.',
  tryAgain: 'Try again',
  noCharacters: 'There is nobody to talk to yet',
  noCharactersMore: 'Once a character has been set up, the conversation starts here.',
  edit: 'Edit',
  notSent: 'Not sent.',
  suggestions: {
    zh: ['你能帮我做些什么？', '先简单介绍一下你自己吧', '我该从哪里开始？'],
    en: ['What can you help me with?', 'Tell me a little about yourself', 'Where should I start?'],
  },
  errors: {
    rate_limited: 'That was a little fast. Please wait a moment and try again.',
    overloaded: 'The server is very busy. Please try again in a moment.',
    unreachable: 'The server cannot be reached. Please check your connection.',
    model_failed: 'The model did not give an answer.',
    model_timeout: 'The model took too long to answer.',
    too_large: 'The message is too long.',
    invalid_field: 'The message cannot be sent like this. It may be too long.',
    busy: 'The previous message is still being answered.',
    not_found: 'This character is not available any more.',
    forbidden: 'You may not do this.',
    no_answer: 'This message was not answered.',
    other: 'Something went wrong on our side.',
  },
};

/** Every text of the chat, in one language. */
export type Texts = typeof en;

const zh: Texts = {
  lang: 'zh-CN',
  characters: '角色',
  chooseCharacter: '选择角色',
  close: '关闭',
  message: '消息',
  messageTo: (name) => `给${name}发消息`,
  send: '发送',
  stop: '停止回答',
  stopping: '正在停止…',
  keys: '回车发送，Shift + 回车换行',
  caution: '回答由 AI 生成，重要信息请自行核实。',
  conversation: '对话',
  you: '我',
  human: '人工客服',
  thinking: '正在思考…',
  reasoning: '思考过程',
  answering: (name) => `${name}正在回答。`,
  toLatest: '回到最新消息',
  copy: '复制',
  copied: '已复制',
  code: '代码',
  earlier: '更早的消息',
  stopped: '回答已被你停止',
  degraded: '本次回答缺少部分上下文',
  degradedWhy: '生成回答时，部分记忆或知识暂时无法读取。',
  sources: (count) => `${count} 处来源`,
  madeOf: '这条回答用到了什么',
  madeOfTotal: (total, budget) => `共 ${total} 个 token，上限 ${budget}`,
  madeOfNone: '这条回答没有留下记录。',
  madeOfFailed: '暂时无法显示。',
  loading: '加载中…',
  tokens: (count) => `${count} token`,
  usage: (input, output) => `读入 ${input} token，写出 ${output} token`,
  kinds: {
    system: '角色设定',
    profile: '你的资料',
    knowledge: '知识库',
    recalled: '往日的对话',
    digest: '前情摘要',
    history: '之前的对话',
    message: '你的消息',
    other: '其他',
  },
  fates: {
    sent: '已使用',
    recalled: '回忆所得',
    summarised: '已摘要',
    shortened: '已截短',
    dropped: '未采用',
  },
  offline: '网络已断开，正在自动重连…',
  busy: (seconds) => (seconds > 1 ? `当前较繁忙，${seconds} 秒后自动重试…` : '当前较繁忙，正在重试…'),
  unreachable: '暂时连不上服务器',
  unreachableMore: '系统会自动重试，你也可以现在就试一次。',
  tryAgain: '重试',
  noCharacters: '还没有可以聊天的角色',
  noCharactersMore: '创建角色之后，就可以在这里开始对话。',
  edit: '编辑',
  notSent: '未发送。',
  suggestions: en.suggestions,
  errors: {
    rate_limited: '发送得有点快，请稍等片刻再试。',
    overloaded: '服务器现在很忙，请稍后再试。',
    unreachable: '连不上服务器，请检查网络。',
    model_failed: '模型没有给出回答。',
    model_timeout: '模型响应超时。',
    too_large: '消息太长了。',
    invalid_field: '这条消息无法发送，可能是太长了。',
    busy: '上一条消息还在回答中。',
    not_found: '这个角色已经不可用了。',
    forbidden: '没有权限执行该操作。',
    no_answer: '这条消息没有得到回答。',
    other: '服务出了点问题。',
  },
};

/** The texts for the first of the languages that there are texts in; English where there is none. */
export function textsFor(languages: readonly string[]): Texts {
  for (const language of languages) {
    if (/^zh\b/i.test(language)) return zh;
    if (/^en\b/i.test(language)) return en;
  }
  return en;
}

/** What to tell people about an error code. */
export function errorText(texts: Texts, code: string | undefined): string {
  const known: Record<string, string> = texts.errors;
  return known[(code ?? '').toLowerCase()] ?? texts.errors.other;
}

/** The value of a key that came from the server, or what there is for unknown ones. */
export function labelOf(labels: Readonly<Record<string, string>>, key: string): string {
  return labels[key.toLowerCase()] ?? labels['other'] ?? key;
}

/** Questions to begin with, in the language the character speaks. */
export function suggestionsFor(texts: Texts, locale: string): readonly string[] {
  return /^zh\b/i.test(locale) ? texts.suggestions.zh : texts.suggestions.en;
}
