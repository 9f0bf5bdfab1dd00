package chat.magpie.api;

import chat.magpie.character.Characters;
import chat.magpie.conversation.Conversation;
import chat.magpie.conversation.Conversations;
import chat.magpie.conversation.Page;
import chat.magpie.conversation.Sessions;
import chat.magpie.identity.Principal;
import chat.magpie.kernel.Deadline;
import chat.magpie.memory.Digests;
import chat.magpie.memory.MemoryKey;
import chat.magpie.memory.ShortTermMemory;
import chat.magpie.profile.Profiles;
import chat.magpie.reply.Replies;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// Forgets what is remembered and known about a user; what was said stays in its conversations,
/// which end by it.
@Singleton
public class Forgetting {
  private static final int PAGE = 100;

  /// For each conversation; what is left then is erased behind the call.
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Profiles profiles;
  private final Conversations conversations;
  private final Replies replies;
  private final ShortTermMemory memory;
  private final Digests digests;
  private final Sessions sessions;
  private final Characters characters;

  @Inject
  Forgetting(
      Profiles profiles,
      Conversations conversations,
      Replies replies,
      ShortTermMemory memory,
      Digests digests,
      Sessions sessions,
      Characters characters) {
    this.profiles = profiles;
    this.conversations = conversations;
    this.replies = replies;
    this.memory = memory;
    this.digests = digests;
    this.sessions = sessions;
    this.characters = characters;
  }

  /// Forgets it; false where not everything could be: then it is to be repeated.
  ///
  /// @param caller may act for the user
  public boolean forget(Principal caller, String userId) {
    Set<String> characterIds = new HashSet<>();
    characters.list(caller.tenantId()).forEach(persona -> characterIds.add(persona.id()));
    boolean forgotten = true;
    Optional<String> cursor = Optional.empty();
    do {
      Page<Conversation> page = conversations.list(caller, userId, cursor, PAGE);
      for (Conversation conversation : page.items()) {
        if (conversation.ownMemory()) {
          forgotten &= forget(caller, conversation);
        } else {
          characterIds.add(conversation.characterId());
        }
      }
      digests.forget(page.items().stream().map(Conversation::id).toList());
      cursor = page.nextCursor();
    } while (cursor.isPresent());
    for (String characterId : characterIds) {
      forgotten &= replies.forget(caller, userId, characterId);
    }
    profiles.forget(caller.tenantId(), userId);
    return forgotten;
  }

  /// Deletes all conversations of the user with what was said in them. What cannot be erased at
  /// once is gone for everybody, and is erased soon.
  ///
  /// @param caller may act for the user
  public void deleteConversations(Principal caller, String userId) {
    Page<Conversation> page;
    do {
      page = conversations.list(caller, userId, Optional.empty(), PAGE);
      for (Conversation conversation : page.items()) {
        boolean _ = sessions.delete(caller, conversation.id(), Deadline.after(PATIENCE));
      }
    } while (page.nextCursor().isPresent());
  }

  /// An opened session would be remembered again from what is stored of it, so it ends.
  private boolean forget(Principal caller, Conversation session) {
    if (session.endedAt().isEmpty()) {
      replies.end(caller, session.id());
    }
    return memory.clear(new MemoryKey(session.tenantId(), session.userId(), session.id()));
  }
}
