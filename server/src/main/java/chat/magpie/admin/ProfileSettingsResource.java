package chat.magpie.admin;

import chat.magpie.api.Caller;
import chat.magpie.api.Fields;
import chat.magpie.api.Needs;
import chat.magpie.identity.Permission;
import chat.magpie.profile.Profiles;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// Whether a tenant learns about its users.
@Path("/settings/profile")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "profile", description = "What is known and remembered about a user")
public class ProfileSettingsResource {
  private final Profiles profiles;
  private final Caller caller;

  @Inject
  ProfileSettingsResource(Profiles profiles, Caller caller) {
    this.profiles = profiles;
    this.caller = caller;
  }

  @Needs(Permission.MANAGE_SETTINGS)
  @GET
  @Operation(
      operationId = "profileSettings",
      summary = "Whether is learnt from what users of the tenant say")
  public ProfileSettings get() {
    return new ProfileSettings(profiles.tenantLearning(caller.principal()));
  }

  @Needs(Permission.MANAGE_SETTINGS)
  @PUT
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "changeProfileSettings",
      summary = "Switch learning on or off for the tenant",
      description =
          "While it is off, nothing is learnt, also not later from what is said meanwhile, and"
              + " nothing known reaches a prompt. What is known stays until it is erased.")
  public ProfileSettings change(@Nullable ProfileSettings body) {
    boolean learning = Fields.required("learning", Fields.body(body).learning());
    profiles.tenantLearning(caller.principal(), learning);
    return get();
  }

  /// How the tenant treats profiles.
  public record ProfileSettings(@Nullable Boolean learning) {}
}
