package chat.magpie.knowledge;

/// When the product's own documentation is part of the default tenant's knowledge base.
public enum OwnDocumentation {
  /// As long as nobody has put anything in: customers of a shop are told of the shop alone.
  AUTO,
  ALWAYS,
  NEVER
}
