package chat.magpie.app;

import chat.magpie.conversation.Conversations;
import chat.magpie.conversation.Sessions;
import chat.magpie.identity.Audit;
import chat.magpie.llm.Models;
import chat.magpie.llm.Tokens;
import chat.magpie.memory.MemoryConfig;
import chat.magpie.memory.internal.SpokenDates;
import chat.magpie.profile.ProfileConfig;
import chat.magpie.profile.Profiles;
import chat.magpie.profile.SpokenDays.Span;
import chat.magpie.profile.internal.ProfileParts;
import chat.magpie.reply.TurnErasures;
import chat.magpie.sql.Database;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;

/// Puts the profiles together and has them learnt from what is said.
@Dependent
class ProfileWiring {
  @Produces
  @Singleton
  ProfileParts parts(
      ProfileConfig config,
      Database database,
      Audit audit,
      Models models,
      Tokens tokens,
      MeterRegistry registry,
      MemoryConfig memory,
      InstantSource clock) {
    return ProfileParts.open(
        config,
        database,
        audit,
        models,
        tokens,
        registry,
        ZoneId.of(memory.zone()),
        ProfileWiring::spoken,
        clock);
  }

  private static List<Span> spoken(String text, LocalDate said) {
    return SpokenDates.in(text, said).stream()
        .map(days -> new Span(days.from(), days.to()))
        .toList();
  }

  @Produces
  @Singleton
  Profiles profiles(ProfileParts parts) {
    return parts.profiles();
  }

  void start(
      @Observes StartupEvent event,
      ProfileParts parts,
      Conversations conversations,
      Sessions sessions,
      TurnErasures erasures) {
    conversations.listen(parts.learning());
    sessions.onErase(parts.learning());
    erasures.onErase(erased ->
        parts
            .profiles()
            .erased(
                erased.conversation().tenantId(),
                erased.conversation().userId(),
                erased.conversation().id(),
                erased.messageIds()));
    parts.start();
  }

  /// While the database is still there.
  void stop(@Observes ShutdownEvent event, ProfileParts parts) {
    parts.close();
  }
}
