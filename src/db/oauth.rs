//! Apps, and what they may do for whom. Of every secret only a hash is kept.
use diesel::prelude::*;

use super::{
    Conn,
    actors::Actor,
    among::Among as _,
    members::Member,
    schema::{actors, members, oauth_apps, oauth_codes, oauth_tokens},
};
use crate::{
    on,
    types::{ActorId, AppId, Time, TokenId},
};

/// A row of `oauth_apps`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = oauth_apps)]
#[diesel(treat_none_as_default_value = false)]
pub struct App {
    /// Our name for it.
    pub id: AppId,
    /// What it calls itself, plain text.
    pub name: String,
    /// Its page.
    pub website: Option<String>,
    /// Where it may be sent back to, one per line.
    pub redirect_uris: String,
    /// What it may ask for, separated by spaces.
    pub scopes: String,
    /// Public half of its credentials.
    pub client_id: String,
    /// Hex SHA-256 of the other half.
    pub secret_hash: String,
    /// When registered.
    pub created_at: Time,
}

/// A row of `oauth_codes`: a member's consent, to be turned into a token once.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = oauth_codes)]
#[diesel(treat_none_as_default_value = false)]
pub struct Code {
    /// Hex SHA-256 of the code.
    pub code_hash: String,
    /// For which app.
    pub app_id: AppId,
    /// By whom.
    pub actor_id: ActorId,
    /// The redirect URI it was asked with.
    pub redirect_uri: String,
    /// What was granted, separated by spaces.
    pub scopes: String,
    /// PKCE challenge, S256.
    pub challenge: Option<String>,
    /// Until when it holds.
    pub expires_at: Time,
}

/// A row of `oauth_tokens`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = oauth_tokens)]
#[diesel(treat_none_as_default_value = false)]
pub struct Token {
    /// Our name for it.
    pub id: TokenId,
    /// Hex SHA-256 of the token.
    pub token_hash: String,
    /// Which app; none for one made on the command line.
    pub app_id: Option<AppId>,
    /// For whom; none for an app's own token.
    pub actor_id: Option<ActorId>,
    /// What it allows, separated by spaces.
    pub scopes: String,
    /// When made.
    pub created_at: Time,
}

/// A new app.
pub fn insert_app(conn: &mut Conn, app: &App) -> QueryResult<usize> {
    diesel::insert_into(oauth_apps::table).values(app).execute(conn)
}

/// The app of a client id.
pub fn app_by_client_id(conn: &mut Conn, client_id: &str) -> QueryResult<Option<App>> {
    on!(conn, c => oauth_apps::table
        .filter(oauth_apps::client_id.eq(client_id))
        .select(App::as_select())
        .first(c)
        .optional())
}

/// The app of an id.
pub fn app_by_id(conn: &mut Conn, id: AppId) -> QueryResult<App> {
    on!(conn, c => oauth_apps::table.find(id).select(App::as_select()).first(c))
}

/// Those of `ids` that exist.
pub fn apps_by_ids(conn: &mut Conn, ids: &[AppId]) -> QueryResult<Vec<App>> {
    on!(conn, c => oauth_apps::table
        .filter(oauth_apps::id.among(ids.iter().copied()))
        .select(App::as_select())
        .load(c))
}

/// A new code.
pub fn insert_code(conn: &mut Conn, code: &Code) -> QueryResult<usize> {
    diesel::insert_into(oauth_codes::table).values(code).execute(conn)
}

/// Takes a code away and returns it: it can be used once.
pub fn take_code(conn: &mut Conn, code_hash: &str, now: Time) -> QueryResult<Option<Code>> {
    let code =
        oauth_codes::table.find(code_hash).select(Code::as_select()).first(conn).optional()?;
    let taken = diesel::delete(oauth_codes::table.find(code_hash)).execute(conn)?;
    Ok(code.filter(|code| taken == 1 && code.expires_at > now))
}

/// Forgets codes that have expired.
pub fn prune_codes(conn: &mut Conn, now: Time) -> QueryResult<usize> {
    diesel::delete(oauth_codes::table.filter(oauth_codes::expires_at.le(now))).execute(conn)
}

/// A new token.
pub fn insert_token(conn: &mut Conn, token: &Token) -> QueryResult<usize> {
    diesel::insert_into(oauth_tokens::table).values(token).execute(conn)
}

/// A token with whose it is; an app's own is nobody's.
pub type Owned = (Token, Option<Actor>, Option<Member>);

/// The token of a hash, with whose it is: every request of an app asks this, so it is one question.
pub fn token_with_owner(conn: &mut Conn, hash: &str) -> QueryResult<Option<Owned>> {
    on!(conn, c => oauth_tokens::table
        .left_join(actors::table.on(actors::id.nullable().eq(oauth_tokens::actor_id)))
        .left_join(members::table.on(members::actor_id.nullable().eq(oauth_tokens::actor_id)))
        .filter(oauth_tokens::token_hash.eq(hash))
        .select((Token::as_select(), Option::<Actor>::as_select(), Option::<Member>::as_select()))
        .first(c)
        .optional())
}

/// The token of a hash.
pub fn token_by_hash(conn: &mut Conn, hash: &str) -> QueryResult<Option<Token>> {
    on!(conn, c => oauth_tokens::table
        .filter(oauth_tokens::token_hash.eq(hash))
        .select(Token::as_select())
        .first(c)
        .optional())
}

/// Takes a token away; `app` must be the one it was given to.
pub fn revoke_token(conn: &mut Conn, hash: &str, app: AppId) -> QueryResult<usize> {
    diesel::delete(
        oauth_tokens::table
            .filter(oauth_tokens::token_hash.eq(hash).and(oauth_tokens::app_id.eq(app))),
    )
    .execute(conn)
}

/// What acts for a member: each token with its app, which one made on the command line has not; newest
/// first.
pub fn tokens_of(
    conn: &mut Conn,
    actor: ActorId,
    limit: i64,
) -> QueryResult<Vec<(Token, Option<App>)>> {
    on!(conn, c => oauth_tokens::table
        .left_join(oauth_apps::table.on(oauth_apps::id.nullable().eq(oauth_tokens::app_id)))
        .filter(oauth_tokens::actor_id.eq(actor))
        .order(oauth_tokens::id.desc())
        .limit(limit)
        .select((Token::as_select(), Option::<App>::as_select()))
        .load(c))
}

/// Takes every token and code of a member that one app has away, or those without an app; how many
/// tokens.
pub fn revoke_app(conn: &mut Conn, actor: ActorId, app: Option<AppId>) -> QueryResult<usize> {
    let Some(app) = app else {
        let bare = oauth_tokens::table
            .filter(oauth_tokens::actor_id.eq(actor).and(oauth_tokens::app_id.is_null()));
        return diesel::delete(bare).execute(conn);
    };
    let codes = oauth_codes::table.filter(oauth_codes::actor_id.eq(actor));
    diesel::delete(codes.filter(oauth_codes::app_id.eq(app))).execute(conn)?;
    let tokens = oauth_tokens::table.filter(oauth_tokens::actor_id.eq(actor));
    diesel::delete(tokens.filter(oauth_tokens::app_id.eq(app))).execute(conn)
}

/// Takes every token of an actor away.
pub fn revoke_tokens_of(conn: &mut Conn, actor: ActorId) -> QueryResult<usize> {
    diesel::delete(oauth_codes::table.filter(oauth_codes::actor_id.eq(actor))).execute(conn)?;
    diesel::delete(oauth_tokens::table.filter(oauth_tokens::actor_id.eq(actor))).execute(conn)
}
