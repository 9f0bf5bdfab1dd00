package chat.magpie.api;

import chat.magpie.identity.Account;
import chat.magpie.identity.IssuedToken;
import chat.magpie.identity.Permission;
import chat.magpie.identity.Principal;
import chat.magpie.identity.SignIns;
import chat.magpie.kernel.ErrorCode;
import chat.magpie.kernel.MagpieException;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// Tokens, and who their holder is.
@Path("/auth")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "auth", description = "Tokens, and who their holder is")
public class AuthResource {
  private final SignIns signIns;
  private final Caller caller;

  AuthResource(SignIns signIns, Caller caller) {
    this.signIns = signIns;
    this.caller = caller;
  }

  @POST
  @Path("/guest")
  @Operation(summary = "A token for somebody who was never here before")
  public GuestToken guest() {
    IssuedToken token = signIns.guest();
    return new GuestToken(token.value(), "Bearer", token.expiresIn().toSeconds(), token.userId());
  }

  @POST
  @Path("/login")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(summary = "A token for an account")
  public AccountToken login(@Nullable LoginRequest body, @Context HttpServerRequest request) {
    LoginRequest login = Fields.body(body);
    return accountToken(
        signIns.login(
            Fields.required("login", login.login()),
            Fields.required("password", login.password()),
            request.remoteAddress().hostAddress()));
  }

  @POST
  @Path("/password")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(summary = "Replace the own password")
  public AccountToken password(@Nullable PasswordRequest body) {
    PasswordRequest change = Fields.body(body);
    return accountToken(
        signIns.changePassword(
            caller.principal(),
            Fields.required("current_password", change.currentPassword()),
            Fields.required("new_password", change.newPassword())));
  }

  @GET
  @Path("/me")
  @Operation(summary = "Who the token stands for")
  public Me me() {
    Principal principal = caller.principal();
    Optional<Account> account =
        switch (principal.role()) {
          case GUEST, SERVICE -> Optional.empty();
          case CUSTOMER, AGENT, SUPERVISOR, ADMIN ->
              Optional.of(
                  signIns
                      .account(principal)
                      .orElseThrow(() ->
                          new MagpieException(
                              ErrorCode.UNAUTHENTICATED, ErrorCode.UNAUTHENTICATED.english())));
        };
    return new Me(
        principal.userId(),
        principal.tenantId(),
        lower(principal.role()),
        account.map(Account::login).orElse(null),
        account.map(Account::displayName).orElse(null),
        Arrays.stream(Permission.values()).filter(principal::may).map(AuthResource::lower).toList(),
        principal.mustChangePassword());
  }

  private static AccountToken accountToken(IssuedToken token) {
    return new AccountToken(
        token.value(),
        "Bearer",
        token.expiresIn().toSeconds(),
        token.userId(),
        token.mustChangePassword());
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  /// A guest's token.
  ///
  /// @param expiresIn seconds from now
  public record GuestToken(String accessToken, String tokenType, long expiresIn, String userId) {}

  /// The token of an account.
  ///
  /// @param expiresIn seconds from now
  public record AccountToken(
      String accessToken,
      String tokenType,
      long expiresIn,
      String userId,
      boolean mustChangePassword) {}

  /// Who wants to sign in.
  public record LoginRequest(@Nullable String login, @Nullable String password) {
    /// Never the password.
    @Override
    public String toString() {
      return "LoginRequest";
    }
  }

  /// The old password and the new one.
  public record PasswordRequest(@Nullable String currentPassword, @Nullable String newPassword) {
    /// Never a password.
    @Override
    public String toString() {
      return "PasswordRequest";
    }
  }

  /// The caller.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Me(
      String userId,
      String tenantId,
      String role,
      @Nullable String login,
      @Nullable String displayName,
      List<String> permissions,
      boolean mustChangePassword) {}
}
