package chat.magpie.profile;

import chat.magpie.identity.Principal;
import chat.magpie.profile.Profile.Learning;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// What is known about users beyond the conversation: learnt from what they say, a little after
/// they said it, and stated, corrected and erased by themselves.
///
/// Calls with a caller need one who may act for the user, else `FORBIDDEN`; what somebody changes
/// for another is in the audit log, without what the fact says. Whatever a call here returns has
/// been committed.
public interface Profiles {
  /// All of it, also what no longer holds; no facts where nothing is known.
  Profile of(String tenantId, String userId);

  /// Lines for the prompt, most important first: what holds now. Empty where nothing is known, and
  /// where learning is off. A change is seen by the next call on the node that made it, and within
  /// five seconds at most by others; what was erased at once by all.
  List<String> promptLines(String tenantId, String userId);

  /// The user states something. It outranks what is learnt, now and later. `INVALID_FIELD` for what
  /// cannot be kept, `CONFLICT` where the profile is full.
  Fact state(Principal caller, String userId, Statement statement);

  /// The user corrects a fact, which from then on counts as stated. Nothing is learnt again from
  /// the messages that the old one came from. `NOT_FOUND` where there is no such fact.
  Fact correct(Principal caller, String userId, String factId, Correction correction);

  /// Erases a fact. Nothing is learnt again from the messages that it came from. `NOT_FOUND` where
  /// there is no such fact.
  void erase(Principal caller, String userId, String factId);

  /// Switches learning on or off for the user. While it is off, nothing is learnt, also not later
  /// from what is said meanwhile, and nothing known reaches a prompt; what is known stays until it
  /// is erased.
  Learning learning(Principal caller, String userId, boolean enabled);

  /// Whether is learnt in the caller's tenant. Needs
  /// [chat.magpie.identity.Permission#MANAGE_SETTINGS], else `FORBIDDEN`.
  boolean tenantLearning(Principal caller);

  /// Switches learning on or off for the caller's tenant, with the same effect as for a user. Needs
  /// [chat.magpie.identity.Permission#MANAGE_SETTINGS], else `FORBIDDEN`.
  void tenantLearning(Principal caller, boolean enabled);

  /// Forgets everything about the user; what was said until now is never learnt from. The user's
  /// own switch stays.
  void forget(String tenantId, String userId);

  /// Erases what is known from these messages, whose text has been erased, and from nowhere else.
  /// May be repeated.
  void erased(String tenantId, String userId, String conversationId, Collection<String> messageIds);

  /// Says whether is to be learnt from conversations that have just been stored whole.
  void imported(Collection<String> conversationIds, boolean learn);

  /// What the user states.
  ///
  /// @param text in a sentence; the value where empty
  record Statement(Slot slot, String value, Optional<String> text, boolean negated) {}

  /// What the user corrects; the rest stays.
  ///
  /// @param ended true where it does not hold any more, from today on; false where it does hold
  record Correction(
      Optional<Slot> slot,
      Optional<String> value,
      Optional<String> text,
      Optional<Boolean> negated,
      Optional<Boolean> ended) {}
}
