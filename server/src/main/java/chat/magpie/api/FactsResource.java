package chat.magpie.api;

import chat.magpie.identity.Principal;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import chat.magpie.kernel.WellFormed;
import chat.magpie.profile.Fact;
import chat.magpie.profile.Profile.Learning;
import chat.magpie.profile.Profiles;
import chat.magpie.profile.Slot;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// What a user says about what is known: states, corrects, erases, and switches learning; for the
/// user, and for those who may act for others.
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "profile", description = "What is known and remembered about a user")
public class FactsResource {
  private static final int MAX_USER_ID = 128;

  private final Profiles profiles;
  private final Caller caller;

  @Inject
  FactsResource(Profiles profiles, Caller caller) {
    this.profiles = profiles;
    this.caller = caller;
  }

  @POST
  @Path("profile/{user_id}/facts")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "State something about oneself",
      description = "It outranks what is learnt from messages, now and later.")
  @APIResponse(
      responseCode = "201",
      description = "The fact",
      content = @Content(schema = @Schema(implementation = FactView.class)))
  @APIResponse(responseCode = "409", description = "The profile is full")
  public Response state(@PathParam("user_id") String userId, @Nullable FactRequest body) {
    Principal principal = allowed(userId);
    FactRequest request = Fields.body(body);
    Fact fact =
        profiles.state(
            principal,
            userId,
            new Profiles.Statement(
                slot(Fields.required("slot", request.slot())),
                Fields.required("value", request.value()),
                Optional.ofNullable(request.text()),
                Boolean.TRUE.equals(request.negated())));
    return Response.status(Response.Status.CREATED).entity(FactView.of(fact)).build();
  }

  @PATCH
  @Path("profile/{user_id}/facts/{id}")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Correct what is known",
      description =
          "What is absent stays. The fact counts as stated by the user from then on; nothing is"
              + " learnt again from the messages that it came from.")
  @APIResponse(
      responseCode = "200",
      description = "The fact as it is now",
      content = @Content(schema = @Schema(implementation = FactView.class)))
  public FactView correct(
      @PathParam("user_id") String userId,
      @PathParam("id") String id,
      @Nullable FactCorrection body) {
    Principal principal = allowed(userId);
    FactCorrection correction = Fields.body(body);
    return FactView.of(
        profiles.correct(
            principal,
            userId,
            id,
            new Profiles.Correction(
                Optional.ofNullable(correction.slot()).map(FactsResource::slot),
                Optional.ofNullable(correction.value()),
                Optional.ofNullable(correction.text()),
                Optional.ofNullable(correction.negated()),
                Optional.ofNullable(correction.ended()))));
  }

  @DELETE
  @Path("profile/{user_id}/facts/{id}")
  @Operation(
      summary = "Erase something that is known",
      description = "It is not learnt again from the same messages.")
  @APIResponse(responseCode = "204", description = "Erased")
  public Response erase(@PathParam("user_id") String userId, @PathParam("id") String id) {
    profiles.erase(allowed(userId), userId, id);
    return Response.noContent().build();
  }

  @PUT
  @Path("profile/{user_id}/learning")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      summary = "Switch learning on or off for a user",
      description =
          "While it is off, nothing is learnt, also not later from what is said meanwhile, and"
              + " nothing known reaches a prompt. What is known stays until it is erased.")
  public LearningView learning(
      @PathParam("user_id") String userId, @Nullable LearningRequest body) {
    Principal principal = allowed(userId);
    boolean enabled = Fields.required("enabled", Fields.body(body).enabled());
    return LearningView.of(profiles.learning(principal, userId, enabled));
  }

  private Principal allowed(String userId) {
    Principal principal = caller.principal();
    if (!principal.mayActFor(userId)) {
      throw new MagpieException(ErrorCode.FORBIDDEN, "You may not act for this user.");
    }
    WellFormed.requireFilled("user_id", userId, MAX_USER_ID);
    return principal;
  }

  private static Slot slot(String word) {
    return Slot.of(word)
        .orElseThrow(() ->
            new MagpieException(
                ErrorCode.INVALID_FIELD,
                "slot: one of "
                    + Arrays.stream(Slot.values())
                        .map(Slot::word)
                        .collect(Collectors.joining(", "))));
  }

  /// What a user states.
  ///
  /// @param slot what it is about, such as `likes`
  /// @param value what fills the slot; at most 200 characters
  /// @param text the same in a sentence; at most 200 characters
  /// @param negated that it is not so
  public record FactRequest(
      @Nullable String slot,
      @Nullable String value,
      @Nullable String text,
      @Nullable Boolean negated) {}

  /// What a user corrects; what is absent stays.
  ///
  /// @param ended true where it does not hold any more, false where it does
  public record FactCorrection(
      @Nullable String slot,
      @Nullable String value,
      @Nullable String text,
      @Nullable Boolean negated,
      @Nullable Boolean ended) {}

  /// Whether is to be learnt.
  public record LearningRequest(@Nullable Boolean enabled) {}

  /// Whether is learnt, and who lets it be.
  ///
  /// @param enabled whether all three do
  public record LearningView(boolean enabled, boolean deployment, boolean tenant, boolean user) {
    static LearningView of(Learning learning) {
      return new LearningView(
          learning.enabled(), learning.deployment(), learning.tenant(), learning.user());
    }
  }

  /// Something known about a user.
  ///
  /// @param sources the ids of the messages that say it; empty where the user stated it
  /// @param validFrom an ISO day
  /// @param validTo the first ISO day on which it does not hold any more; null while it holds
  /// @param supersededBy the id of the fact that took its place
  /// @param confidence from 0 to 1
  /// @param method `rule`, `model` or `user`
  public record FactView(
      String id,
      String slot,
      String value,
      String text,
      boolean negated,
      List<String> sources,
      String validFrom,
      @Nullable String validTo,
      @Nullable String supersededBy,
      double confidence,
      String method) {
    static FactView of(Fact fact) {
      return new FactView(
          fact.id(),
          fact.slot().word(),
          fact.value(),
          fact.text(),
          fact.negated(),
          fact.sources(),
          fact.validFrom().toString(),
          fact.validTo().map(Object::toString).orElse(null),
          fact.supersededBy().orElse(null),
          fact.confidence(),
          fact.method().name().toLowerCase(Locale.ROOT));
    }
  }
}
