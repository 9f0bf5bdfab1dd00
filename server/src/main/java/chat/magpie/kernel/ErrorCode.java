package chat.magpie.kernel;

/// Every way a request can fail, as clients see it: a stable id, an HTTP status, whether the same
/// request may succeed later, and a text that is safe to show.
///
/// The id of a constant is its name in lower case; `docs/errors.md` lists them all.
public enum ErrorCode {
  BAD_REQUEST(400, false, "The request cannot be read.", "请求无法解析"),
  INVALID_FIELD(400, false, "A field has a value that is not allowed.", "字段取值不合法"),
  BAD_CURSOR(400, false, "The cursor does not belong to this stream.", "游标不属于该数据流"),
  UNAUTHENTICATED(401, false, "A valid access token is needed.", "需要有效的访问令牌"),
  SECOND_FACTOR_REQUIRED(401, false, "A code of the second factor is needed.", "需要第二重验证码"),
  FORBIDDEN(403, false, "You may not do this.", "没有权限执行该操作"),
  NOT_FOUND(404, false, "There is no such thing, or you may not see it.", "对象不存在或不可见"),
  METHOD_NOT_ALLOWED(405, false, "This address does not take this method.", "该地址不支持此方法"),
  NOT_ACCEPTABLE(406, false, "None of the accepted media types is offered.", "无法提供所要求的媒体类型"),
  TOO_SLOW(408, true, "The client takes too little; it may come back.", "客户端接收过慢，可重新连接"),
  BUSY(409, true, "The previous message is still being answered.", "上一条消息仍在回答中"),
  CONFLICT(409, false, "The object has changed or exists already.", "对象已存在或已被修改"),
  NO_MODEL(409, false, "No model is configured.", "未配置模型"),
  CONVERSATION_ENDED(409, false, "The conversation has ended.", "会话已结束"),
  TOO_LARGE(413, false, "The request body is too large.", "请求体过大"),
  CONTEXT_TOO_LONG(413, false, "The conversation is longer than a prompt may be.", "对话长度超出了提示词的上限"),
  UNSUPPORTED_MEDIA_TYPE(415, false, "The media type is not supported.", "不支持的媒体类型"),
  IDEMPOTENCY_MISMATCH(
      422, false, "The same idempotency key was used with another body.", "同一幂等键对应了不同的请求内容"),
  RATE_LIMITED(429, true, "Too many requests.", "请求过于频繁"),
  TOO_MANY_CONNECTIONS(429, true, "Too many connections are open.", "打开的连接过多"),
  INTERNAL(500, true, "Something went wrong here.", "服务内部错误"),
  MODEL_FAILED(502, true, "The model did not give an answer.", "模型未能给出回答"),
  OVERLOADED(503, true, "The server is busy.", "服务繁忙"),
  STORAGE_UNAVAILABLE(503, true, "The storage does not answer.", "存储暂时不可用"),
  MODEL_TIMEOUT(504, true, "The model took too long.", "模型响应超时"),
  STORAGE_FULL(507, true, "The storage is full.", "存储空间已满");

  private final int status;
  private final boolean retryable;
  private final String english;
  private final String chinese;

  ErrorCode(int status, boolean retryable, String english, String chinese) {
    this.status = status;
    this.retryable = retryable;
    this.english = english;
    this.chinese = chinese;
  }

  /// The stable id that goes over the wire, such as `rate_limited`.
  public String id() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  /// The HTTP status of a response that carries this code.
  public int status() {
    return status;
  }

  /// The code with which a WebSocket is closed for it: the HTTP status among those that are free
  /// for applications, such as 4401.
  public int closeCode() {
    return 4000 + status;
  }

  /// Whether the same request may succeed later without being changed.
  public boolean retryable() {
    return retryable;
  }

  /// A text without internals, for people, in English.
  public String english() {
    return english;
  }

  /// The same text in Chinese.
  public String chinese() {
    return chinese;
  }
}
