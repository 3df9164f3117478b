//! Apps that act for members: [RFC 6749](https://www.rfc-editor.org/rfc/rfc6749) with
//! [PKCE](https://www.rfc-editor.org/rfc/rfc7636), as far as Mastodon clients use it.
use crate::{
    db::{
        self,
        oauth::{App, Code, Token},
    },
    domain::{
        Fact, Tx,
        account_news::{self, What},
    },
    error::{Error, Result},
    keys, text,
    types::{ActorId, AppId, TokenId},
};

/// How long a code holds, seconds.
const CODE_SECS: i64 = 600;

/// A registered app, with the secret that is shown this once.
#[derive(Clone, Debug)]
pub struct Registered {
    /// The app.
    pub app: App,
    /// Its secret.
    pub secret: String,
}

/// Registers an app. `redirect_uris` one per line, `scopes` separated by spaces, both checked.
///
/// # Errors
/// `Invalid` for an app without a name.
pub fn register(
    tx: &mut Tx,
    name: &str,
    website: Option<String>,
    redirect_uris: String,
    scopes: String,
) -> Result<Registered> {
    let name = text::clean_line(name, 60);
    if name.is_empty() {
        return Err(Error::invalid("Validation failed: Application name can't be blank"));
    }
    let secret = keys::new_token();
    let app = App {
        id: AppId(tx.new_id()),
        name,
        website,
        redirect_uris,
        scopes,
        client_id: keys::new_token(),
        secret_hash: keys::token_hash(&secret),
        created_at: tx.now(),
    };
    db::oauth::insert_app(tx, &app)?;
    Ok(Registered { app, secret })
}

/// A member consents: a code for the app. `scopes` and `redirect_uri` have been checked.
///
/// # Errors
/// `Internal` from the database.
pub fn grant(
    tx: &mut Tx,
    app: &App,
    member: ActorId,
    redirect_uri: &str,
    scopes: &str,
    challenge: Option<String>,
) -> Result<String> {
    let (code, now) = (keys::new_token(), tx.now());
    db::oauth::prune_codes(tx, now)?;
    let row = Code {
        code_hash: keys::token_hash(&code),
        app_id: app.id,
        actor_id: member,
        redirect_uri: redirect_uri.to_owned(),
        scopes: scopes.to_owned(),
        challenge,
        expires_at: now.plus_secs(CODE_SECS),
    };
    db::oauth::insert_code(tx, &row)?;
    Ok(code)
}

/// Turns a code into a token. `None` where the code does not hold: unknown, used, too old, for
/// another app or address, or with a wrong verifier. It is used up either way.
///
/// # Errors
/// `Internal` from the database.
pub fn exchange(
    tx: &mut Tx,
    app: &App,
    code: &str,
    redirect_uri: &str,
    verifier: Option<&str>,
) -> Result<Option<(String, Token)>> {
    let now = tx.now();
    let Some(code) = db::oauth::take_code(tx, &keys::token_hash(code), now)? else {
        return Ok(None);
    };
    let proven = match (&code.challenge, verifier) {
        (None, _) => true,
        (Some(challenge), Some(verifier)) => keys::same(challenge, &keys::s256(verifier)),
        (Some(_), None) => false,
    };
    if code.app_id != app.id || code.redirect_uri != redirect_uri || !proven {
        return Ok(None);
    }
    account_news::note(tx, code.actor_id, What::AppLetIn, &app.name)?;
    issue(tx, Some(app.id), Some(code.actor_id), &code.scopes).map(Some)
}

/// A new token and what it is shown as this once.
///
/// # Errors
/// `Internal` from the database.
pub fn issue(
    tx: &mut Tx,
    app: Option<AppId>,
    member: Option<ActorId>,
    scopes: &str,
) -> Result<(String, Token)> {
    let secret = keys::new_token();
    let token = Token {
        id: TokenId(tx.new_id()),
        token_hash: keys::token_hash(&secret),
        app_id: app,
        actor_id: member,
        scopes: scopes.to_owned(),
        created_at: tx.now(),
    };
    db::oauth::insert_token(tx, &token)?;
    Ok((secret, token))
}

/// Takes a token of an app away; an unknown one is fine.
///
/// # Errors
/// `Internal` from the database.
pub fn revoke(tx: &mut Tx, app: AppId, token: &str) -> Result<()> {
    let hash = keys::token_hash(token);
    let owner = db::oauth::token_by_hash(tx, &hash)?.and_then(|token| token.actor_id);
    db::oauth::revoke_token(tx, &hash, app)?;
    if let Some(actor) = owner {
        tx.record(Fact::AppsSignedOut { actor });
    }
    Ok(())
}

/// A member lets an app, or what was made on the command line (none), act for them no longer.
///
/// # Errors
/// `NotFound` where it does not.
pub fn shut_out(tx: &mut Tx, member: ActorId, app: Option<AppId>) -> Result<()> {
    if db::oauth::revoke_app(tx, member, app)? == 0 {
        return Err(Error::NotFound);
    }
    tx.record(Fact::AppsSignedOut { actor: member });
    Ok(())
}

/// No app acts for this member any more.
///
/// # Errors
/// `Internal` from the database.
pub fn sign_out_apps(tx: &mut Tx, member: ActorId) -> Result<()> {
    db::oauth::revoke_tokens_of(tx, member)?;
    tx.record(Fact::AppsSignedOut { actor: member });
    Ok(())
}
