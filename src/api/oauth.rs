//! Apps and their tokens: <https://docs.joinmastodon.org/methods/oauth/>
//!
//! The page on which a member consents is `web`'s.
use actix_web::{
    CustomizeResponder, Either, HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::{StatusCode, header},
    web::Json,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::{
    access::{Caller, Ctx, Member, scope},
    describe::{Answers, Api, Draft, Empty},
    entities::{Application, CredentialApplication, Id, Metadata, Token, UserInfo},
    params::Params,
    push,
    scopes::Scopes,
};
use crate::{
    db::{self, oauth::App as OauthApp},
    domain::{self, Tx, second_step, sessions},
    error::{Error, Result},
    keys,
    types::ActorId,
};

/// Stands for "show the code on a page".
const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    api.post("/api/v1/apps", register, "Registers an app")
        .get("/api/v1/apps/verify_credentials", verify, "The app a token is of")
        .post("/oauth/token", token, "Exchanges a code for a token, or gives an app its own")
        .post("/oauth/revoke", revoke, "Ends a token")
        .get("/oauth/userinfo", user_info, "Who a token is of (OpenID Connect)")
        .get(
            "/.well-known/oauth-authorization-server",
            metadata,
            "Where the doors of OAuth are (RFC 8414)",
        );
}

#[derive(Debug, Deserialize, JsonSchema)]
struct NewApp {
    #[serde(default)]
    client_name: String,
    #[serde(default)]
    redirect_uris: Vec<String>,
    #[serde(default)]
    scopes: Vec<String>,
    website: Option<String>,
}

async fn register(form: Params<NewApp>, ctx: Ctx) -> Result<Json<CredentialApplication>> {
    let form = form.into_inner();
    let redirect_uris = redirect_uris(&form.redirect_uris)?;
    let scopes = Scopes::parse(&form.scopes.join(" "))?;
    let website = form.website.filter(|site| !site.trim().is_empty() && site.len() <= 2_000);
    let (registered, vapid_key) = ctx
        .write(move |tx| {
            let uris = redirect_uris.join("\n");
            let app =
                domain::oauth::register(tx, &form.client_name, website, uris, scopes.to_string())?;
            Ok((app, push::vapid_key(tx)?))
        })
        .await?;
    Ok(Json(CredentialApplication {
        client_id: registered.app.client_id.clone(),
        client_secret: registered.secret,
        client_secret_expires_at: 0,
        application: application(&registered.app, vapid_key),
    }))
}

/// Where an app may be sent back to: addresses of any scheme but those that run scripts.
fn redirect_uris(given: &[String]) -> Result<Vec<String>> {
    let uris: Vec<String> =
        given.iter().flat_map(|uris| uris.split_whitespace()).map(str::to_owned).collect();
    if uris.is_empty() {
        return Err(Error::invalid("Validation failed: Redirect URI can't be blank"));
    }
    let fits = |uri: &String| {
        let scheme = Url::parse(uri).map(|url| url.scheme().to_owned());
        uri.len() <= 2_000
            && !uri.contains('#')
            && scheme.is_ok_and(|s| !matches!(s.as_str(), "javascript" | "data" | "vbscript"))
    };
    if uris.len() > 20 || !uris.iter().all(fits) {
        return Err(Error::invalid("Validation failed: Redirect URI must be an absolute URI"));
    }
    Ok(uris)
}

fn application(app: &OauthApp, vapid_key: String) -> Application {
    Application {
        id: Id::from(app.id),
        name: app.name.clone(),
        website: app.website.clone(),
        scopes: app.scopes.split(' ').map(str::to_owned).collect(),
        redirect_uris: app.redirect_uris.lines().map(str::to_owned).collect(),
        redirect_uri: app.redirect_uris.clone(),
        vapid_key,
    }
}

async fn verify(caller: Caller, ctx: Ctx) -> Result<Json<Application>> {
    let vapid_key = push::shown_key(&ctx).await?;
    let app_id = caller.token.app_id;
    let app = ctx
        .read(move |conn| Ok(app_id.map(|id| db::oauth::app_by_id(conn, id)).transpose()?))
        .await?;
    Ok(Json(match app {
        Some(app) => application(&app, vapid_key),
        // A token made on the command line has no app behind it.
        None => Application {
            id: Id(0),
            name: "Command line".into(),
            website: None,
            scopes: caller.token.scopes.split(' ').map(str::to_owned).collect(),
            redirect_uris: vec![OUT_OF_BAND.into()],
            redirect_uri: OUT_OF_BAND.into(),
            vapid_key,
        },
    }))
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
struct TokenRequest {
    #[serde(default)]
    #[schemars(extend("enum" = ["authorization_code", "client_credentials", "password"]))]
    grant_type: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    client_secret: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    redirect_uri: String,
    code_verifier: Option<String>,
    scope: Option<String>,
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    token: String,
}

/// Why no token is given: [RFC 6749](https://www.rfc-editor.org/rfc/rfc6749#section-5.2)
enum Refusal {
    Client,
    Grant,
    GrantType,
    Scope,
}

impl Responder for Refusal {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let (status, error, description) = match self {
            Self::Client => (
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                "Client authentication failed due to unknown client, no client authentication \
                 included, or unsupported authentication method.",
            ),
            Self::Grant => (
                StatusCode::BAD_REQUEST,
                "invalid_grant",
                "The provided authorization grant is invalid, expired, revoked, does not match \
                 the redirection URI used in the authorization request, or was issued to another \
                 client.",
            ),
            Self::GrantType => (
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                "The authorization grant type is not supported by the authorization server.",
            ),
            Self::Scope => (
                StatusCode::BAD_REQUEST,
                "invalid_scope",
                "The requested scope is invalid, unknown, or malformed.",
            ),
        };
        HttpResponse::build(status)
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .json(json!({ "error": error, "error_description": description }))
    }
}

impl TokenRequest {
    /// Takes the app's credentials from a Basic header where there is one.
    fn with_basic(mut self, request: &HttpRequest) -> Self {
        let header = request.headers().get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
        let decoded = header
            .and_then(|header| header.split_once(' '))
            .filter(|(kind, _)| kind.eq_ignore_ascii_case("basic"))
            .and_then(|(_, secret)| STANDARD.decode(secret.trim()).ok())
            .and_then(|bytes| String::from_utf8(bytes).ok());
        if let Some((id, secret)) = decoded.as_deref().and_then(|text| text.split_once(':')) {
            id.clone_into(&mut self.client_id);
            secret.clone_into(&mut self.client_secret);
        }
        self
    }

    /// The app that these credentials are of.
    fn app(&self, conn: &mut db::Conn) -> Result<Option<OauthApp>> {
        let hash = keys::token_hash(&self.client_secret);
        let app = db::oauth::app_by_client_id(conn, &self.client_id)?;
        Ok(app.filter(|app| keys::same(&app.secret_hash, &hash)))
    }

    /// What was asked for, as far as the app may have it; `read` if nothing was.
    fn scopes(&self, app: &OauthApp) -> Result<Option<Scopes>> {
        let allowed = Scopes::parse(&app.scopes)?;
        Ok(Scopes::parse(self.scope.as_deref().unwrap_or_default())
            .ok()
            .filter(|scopes| scopes.within(&allowed)))
    }
}

impl Answers for Refusal {
    fn answer(draft: &mut Draft<'_>) {
        draft.error(400, "No token is given; `error` is a word of RFC 6749.");
        draft.error(401, "No such app, or not its secret.");
    }
}

/// A token, which nobody on the way may keep.
type Given = Either<CustomizeResponder<Json<Token>>, Refusal>;

async fn token(request: HttpRequest, form: Params<TokenRequest>, ctx: Ctx) -> Result<Given> {
    let form = form.into_inner().with_basic(&request);
    let member = match form.grant_type.as_str() {
        "authorization_code" | "client_credentials" => None,
        "password" if ctx.config().development => match with_password(&form, &ctx).await? {
            Some(id) => Some(id),
            None => return Ok(Either::Right(Refusal::Grant)),
        },
        _ => return Ok(Either::Right(Refusal::GrantType)),
    };
    let issued = ctx.write(move |tx| issue(tx, &form, member)).await?;
    Ok(match issued {
        Err(refusal) => Either::Right(refusal),
        Ok(token) => {
            Either::Left(Json(token).customize().insert_header((header::CACHE_CONTROL, "no-store")))
        }
    })
}

/// Who signs in with a password; development mode only, for test suites.
async fn with_password(form: &TokenRequest, ctx: &Ctx) -> Result<Option<ActorId>> {
    let (login, password) = (form.username.clone(), form.password.clone());
    ctx.read(move |conn| {
        let Some((member, actor)) = sessions::find_login(conn, &login)? else {
            // Always false; what matters is the time it takes.
            return Ok(keys::verify_nobody(&password).then_some(ActorId(0)));
        };
        let right = keys::verify_password(&password, &member.password_hash);
        // There is no place for a code here, and without it nobody comes in.
        let enough = right && second_step::on_since(conn, actor.id)?.is_none();
        Ok((enough && actor.is_active() && member.may_act()).then_some(actor.id))
    })
    .await
}

fn issue(
    tx: &mut Tx,
    form: &TokenRequest,
    member: Option<ActorId>,
) -> Result<Result<Token, Refusal>> {
    let Some(app) = form.app(tx)? else { return Ok(Err(Refusal::Client)) };
    let issued = if form.grant_type == "authorization_code" {
        let verifier = form.code_verifier.as_deref();
        domain::oauth::exchange(tx, &app, &form.code, &form.redirect_uri, verifier)?
    } else {
        let Some(scopes) = form.scopes(&app)? else { return Ok(Err(Refusal::Scope)) };
        Some(domain::oauth::issue(tx, Some(app.id), member, &scopes.to_string())?)
    };
    Ok(issued.map(|(secret, row)| entity(secret, &row)).ok_or(Refusal::Grant))
}

/// A token as its app gets to see it, once.
pub(super) fn entity(secret: String, row: &db::oauth::Token) -> Token {
    Token {
        access_token: secret,
        token_type: "Bearer",
        scope: row.scopes.clone(),
        created_at: row.created_at.secs(),
    }
}

async fn revoke(request: HttpRequest, form: Params<TokenRequest>, ctx: Ctx) -> Result<Json<Empty>> {
    let form = form.into_inner().with_basic(&request);
    ctx.write(move |tx| {
        let known = db::oauth::token_by_hash(tx, &keys::token_hash(&form.token))?;
        match (known, form.app(tx)?) {
            (None, _) => Ok(()),
            (Some(token), Some(app)) if token.app_id == Some(app.id) => {
                domain::oauth::revoke(tx, app.id, &form.token)
            }
            (Some(_), _) => Err(Error::forbidden("You are not authorized to revoke this token")),
        }
    })
    .await?;
    Ok(Json(Empty {}))
}

async fn user_info(member: Member<scope::Profile>, ctx: Ctx) -> Json<UserInfo> {
    let account = member.view(&ctx).account(&member.actor);
    Json(UserInfo {
        iss: ctx.origin().to_string(),
        sub: account.uri,
        name: account.display_name,
        preferred_username: account.username,
        profile: account.url,
        picture: account.avatar,
    })
}

/// [RFC 8414](https://www.rfc-editor.org/rfc/rfc8414)
async fn metadata(ctx: Ctx) -> Json<Metadata> {
    let at = |path: &str| format!("{}{path}", ctx.origin());
    let mut grants = vec!["authorization_code", "client_credentials"];
    if ctx.config().development {
        grants.push("password");
    }
    Json(Metadata {
        issuer: ctx.origin().to_string(),
        authorization_endpoint: at("oauth/authorize"),
        token_endpoint: at("oauth/token"),
        revocation_endpoint: at("oauth/revoke"),
        userinfo_endpoint: at("oauth/userinfo"),
        app_registration_endpoint: at("api/v1/apps"),
        service_documentation: at("api/openapi.json"),
        scopes_supported: vec!["read", "write", "follow", "push", "profile"],
        response_types_supported: vec!["code"],
        response_modes_supported: vec!["query"],
        grant_types_supported: grants,
        token_endpoint_auth_methods_supported: vec!["client_secret_basic", "client_secret_post"],
        code_challenge_methods_supported: vec!["S256"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_go_to_any_app_and_to_no_script() {
        let of = |uris: &str| redirect_uris(&[uris.to_owned()]);
        for good in [
            OUT_OF_BAND,
            "com.tapbots.Ivory.10217:/request_token",
            "https://elk.zone/api/oauth",
            "http://localhost:1234/",
            "a://b\nc://d",
        ] {
            assert!(of(good).is_ok(), "{good}");
        }
        for bad in ["", " ", "javascript:alert(1)", "data:text/html,x", "/relative", "https://a/#b"]
        {
            assert!(of(bad).is_err(), "{bad}");
        }
    }
}
