package chat.magpie.profile.internal;

import chat.magpie.identity.Audit;
import chat.magpie.llm.Models;
import chat.magpie.llm.Tokens;
import chat.magpie.profile.ProfileConfig;
import chat.magpie.profile.SpokenDays;
import chat.magpie.sql.Database;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.time.ZoneId;

/// The parts of the feature, put together.
///
/// @param profiles what is known
/// @param learning learns
public record ProfileParts(SqlProfiles profiles, FactLearning learning) implements AutoCloseable {
  /// Puts them together; nothing is learnt before [#start()].
  ///
  /// @param zone of users of whom no other is known
  /// @param spoken dates what users say
  public static ProfileParts open(
      ProfileConfig config,
      Database database,
      Audit audit,
      Models models,
      Tokens tokens,
      MeterRegistry registry,
      ZoneId zone,
      SpokenDays spoken,
      InstantSource clock) {
    Timing timing = new Timing(zone, spoken);
    KnownLines lines = new KnownLines(database, config.promptFacts());
    ModelLearning model =
        new ModelLearning(database, config, models, tokens, lines, registry, timing, clock);
    FactLearning learning = new FactLearning(database, config, model, lines, timing, clock);
    return new ProfileParts(
        new SqlProfiles(database, audit, config, timing, clock, lines, learning), learning);
  }

  /// Begins to learn.
  public void start() {
    learning.start();
  }

  @Override
  public void close() {
    learning.close();
  }
}
