//! Who asks, and what their token allows: <https://docs.joinmastodon.org/api/oauth-tokens/>
use std::{future::Future, marker::PhantomData, pin::Pin, str::FromStr};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header};

use super::{entities::View, scopes::Scopes};
use crate::{
    app::App,
    db::{self, Conn, actors::Actor, members::Member as Row, oauth::Token},
    domain::weeks,
    error::{Error, Result},
    keys,
    types::{ActorId, AppId, Time, TokenId},
};

pub(crate) use crate::app::Ctx;

type Extracted<T> = Pin<Box<dyn Future<Output = Result<T>>>>;

/// A kind of access that a handler needs.
pub(crate) trait Scope {
    /// The scopes that give it, each enough by itself, separated by spaces.
    const NEEDED: &'static str;
}

macro_rules! scopes {
    ($($name:ident = $needed:literal),+ $(,)?) => {
        /// Every scope that handlers ask for, each as often as it is asked for.
        pub(crate) const ASKED: &[&str] = &[$($needed),+];

        /// What handlers ask for.
        pub(crate) mod scope {
            $(
                #[doc = concat!("Needs `", $needed, "`.")]
                #[derive(Debug)]
                #[allow(dead_code, reason = "the list is whole, whatever is used of it")]
                pub(crate) struct $name;
                impl super::Scope for $name {
                    const NEEDED: &'static str = $needed;
                }
            )+
        }
    };
}

scopes! {
    Profile = "profile read:accounts",
    ReadAccounts = "read:accounts",
    ReadBlocks = "read:blocks",
    ReadBookmarks = "read:bookmarks",
    ReadFavourites = "read:favourites",
    ReadFilters = "read:filters",
    ReadFollows = "read:follows",
    ReadGroups = "read:groups read:accounts",
    ReadLists = "read:lists",
    ReadMutes = "read:mutes",
    ReadNotifications = "read:notifications",
    ReadSearch = "read:search",
    ReadStatuses = "read:statuses",
    WriteAccounts = "write:accounts",
    WriteBlocks = "write:blocks",
    WriteBookmarks = "write:bookmarks",
    WriteConversations = "write:conversations",
    WriteFavourites = "write:favourites",
    WriteFilters = "write:filters",
    WriteFollows = "write:follows",
    WriteGroups = "write:groups write:follows",
    WriteLists = "write:lists",
    WriteMedia = "write:media",
    WriteMutes = "write:mutes",
    WriteNotifications = "write:notifications",
    WriteReports = "write:reports",
    WriteStatuses = "write:statuses",
    Push = "push",
}

/// A token that holds, and whose it is.
#[derive(Debug)]
pub(crate) struct Caller {
    /// The token.
    pub token: Token,
    /// The member; none of an app's own token.
    pub actor: Option<Actor>,
    /// When that member was here last.
    last_seen_at: Option<Time>,
}

impl Caller {
    /// Whose token this is.
    ///
    /// # Errors
    /// `Unauthorized` for a token that does not hold, `Forbidden` for a member who may not act.
    pub fn of_token(conn: &mut Conn, token: &str) -> Result<Self> {
        let known = db::oauth::token_with_owner(conn, &keys::token_hash(token))?;
        let (token, actor, member) = known.ok_or(Error::Unauthorized)?;
        let last_seen_at = member.as_ref().map(|member| member.last_seen_at);
        let actor = token.actor_id.map(|_| acting_member(actor, member)).transpose()?;
        Ok(Self { token, actor, last_seen_at })
    }

    /// Checks that the token allows `scope`.
    ///
    /// # Errors
    /// `Forbidden` if not.
    pub fn check(&self, scope: &str) -> Result<()> {
        if Scopes::parse(&self.token.scopes)?.cover(scope) {
            Ok(())
        } else {
            Err(Error::forbidden("This action is outside the authorized scopes"))
        }
    }
}

fn acting_member(actor: Option<Actor>, member: Option<Row>) -> Result<Actor> {
    let (actor, member) = actor.zip(member).ok_or(Error::Unauthorized)?;
    if actor.deleted_at.is_some() {
        return Err(Error::Unauthorized);
    }
    if member.confirmed_at.is_none() {
        return Err(Error::forbidden("Your login is missing a confirmed e-mail address"));
    }
    if !member.may_act() {
        return Err(Error::forbidden("Your login is currently pending approval"));
    }
    if !actor.is_active() {
        return Err(Error::forbidden("Your login is currently disabled"));
    }
    Ok(actor)
}

/// The token of an `Authorization: Bearer` header.
pub(super) fn bearer(request: &HttpRequest) -> Result<Option<String>> {
    let Some(header) = request.headers().get(header::AUTHORIZATION) else { return Ok(None) };
    let header = header.to_str().map_err(|_| Error::Unauthorized)?;
    match header.split_once(' ') {
        Some((kind, token)) if kind.eq_ignore_ascii_case("bearer") => {
            Ok(Some(token.trim().to_owned()))
        }
        _ => Err(Error::Unauthorized),
    }
}

async fn caller(request: &HttpRequest) -> Result<Option<Caller>> {
    let Some(token) = bearer(request)? else { return Ok(None) };
    let ctx = request.app_data::<Ctx>().ok_or_else(|| Error::internal("no node"))?;
    let caller = ctx.read(move |conn| Caller::of_token(conn, &token)).await?;
    let now = ctx.now();
    let wanted = caller.last_seen_at.is_some_and(|last| weeks::wants_note(last, now));
    if let Some(member) = caller.token.actor_id.filter(|_| wanted)
        && let Err(error) = ctx.write(move |tx| weeks::was_here(tx, member)).await
    {
        // Whoever reads goes on reading, on a full disk too.
        tracing::warn!(cause = %error.cause(), "noting that a member was here");
    }
    Ok(Some(caller))
}

/// The member who asks; their token allows `S`.
#[derive(Debug)]
pub(crate) struct Member<S> {
    /// Who.
    pub id: ActorId,
    /// All of them.
    pub actor: Actor,
    /// The app they use.
    pub app_id: Option<AppId>,
    /// The token it has.
    pub token_id: TokenId,
    scope: PhantomData<S>,
}

impl<S> Member<S> {
    /// Entities as this member sees them.
    pub fn view(&self, ctx: &App) -> View {
        View::new(ctx, Some(self.id))
    }
}

impl<S: Scope> FromRequest for Member<S> {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let caller = caller(&request).await?.ok_or(Error::Unauthorized)?;
            caller.check(S::NEEDED)?;
            let actor = caller.actor.ok_or_else(|| {
                Error::Invalid("This method requires an authenticated user".into())
            })?;
            let Token { app_id, id: token_id, .. } = caller.token;
            Ok(Self { id: actor.id, actor, app_id, token_id, scope: PhantomData })
        })
    }
}

/// Whoever asks: a member, or anyone. A token that does not hold is refused all the same.
#[derive(Debug)]
pub(crate) struct Viewer<S> {
    /// The member, if there is one.
    pub id: Option<ActorId>,
    scope: PhantomData<S>,
}

impl<S> Viewer<S> {
    /// Entities as this viewer sees them.
    pub fn view(&self, ctx: &App) -> View {
        View::new(ctx, self.id)
    }
}

impl<S: Scope> FromRequest for Viewer<S> {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let caller = caller(&request).await?;
            if let Some(caller) = &caller {
                caller.check(S::NEEDED)?;
            }
            let id = caller.and_then(|caller| caller.token.actor_id);
            Ok(Self { id, scope: PhantomData })
        })
    }
}

/// Any token, a member's or an app's own, whatever it allows.
impl FromRequest for Caller {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { caller(&request).await?.ok_or(Error::Unauthorized) })
    }
}

/// The token of a request, not yet looked at.
#[derive(Debug)]
pub(crate) struct Bearer(pub String);

impl FromRequest for Bearer {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let token = bearer(request).and_then(|token| token.ok_or(Error::Unauthorized));
        std::future::ready(token.map(Self))
    }
}

/// Longest idempotency key that is kept, in bytes.
const MAX_KEY: usize = 200;

/// The `Idempotency-Key` of a request, if it has one that is short enough.
#[derive(Debug)]
pub(crate) struct IdempotencyKey(pub Option<String>);

impl FromRequest for IdempotencyKey {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let key = request.headers().get("idempotency-key").and_then(|key| key.to_str().ok());
        let key = key.map(str::trim).filter(|key| !key.is_empty() && key.len() <= MAX_KEY);
        std::future::ready(Ok(Self(key.map(str::to_owned))))
    }
}

/// The two ids in a path, in their order; what is no id names nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PathIds<A, B>(pub A, pub B);

impl<A: FromStr, B: FromStr> FromRequest for PathIds<A, B> {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut texts = request.match_info().iter().map(|(_, text)| text);
        let mut read = || {
            let first = texts.next()?.parse().ok()?;
            Some(Self(first, texts.next()?.parse().ok()?))
        };
        std::future::ready(read().ok_or(Error::NotFound))
    }
}

/// The id in a path; what is no id names nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PathId<T>(pub T);

impl<T: FromStr> FromRequest for PathId<T> {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.match_info().get("id").and_then(|id| id.parse().ok());
        std::future::ready(id.map(Self).ok_or(Error::NotFound))
    }
}
