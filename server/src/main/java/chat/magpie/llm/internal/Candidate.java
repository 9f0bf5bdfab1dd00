package chat.magpie.llm.internal;

/// One of those who can give an answer.
record Candidate(Endpoint endpoint, String model, Breaker breaker) {
  String provider() {
    return endpoint.provider();
  }
}
