//! Push: <https://docs.joinmastodon.org/methods/push/>. One subscription for each token.
use std::collections::BTreeMap;

use actix_web::web::Json;
use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

use super::{
    access::{Ctx, Member, scope},
    describe::{Api, Empty},
    entities::WebPushSubscription,
    params::Params,
};
use crate::{
    db::{
        self, Conn,
        pushes::{PushPolicy, Subscription},
    },
    domain::pushes::{self, Device, Wishes},
    error::{Error, Result},
    keys::push::Receiver,
};

pub(super) use crate::domain::pushes::vapid_key;

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    api.get("/api/v1/push/subscription", show, "How you asked to be told")
        .post("/api/v1/push/subscription", subscribe, "Asks to be told of notifications")
        .put("/api/v1/push/subscription", change, "Changes what to be told of")
        .delete("/api/v1/push/subscription", forget, "Ends being told");
}

/// The node's key for those who only read.
///
/// # Errors
/// As [`vapid_key`].
pub(super) async fn shown_key(ctx: &Ctx) -> Result<String> {
    match ctx.read(pushes::known_key).await? {
        Some(known) => Ok(known),
        None => ctx.write(vapid_key).await,
    }
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
struct Form {
    #[serde(default)]
    subscription: Wanted,
    #[serde(default)]
    data: Data,
    /// Where some clients write what belongs into `data`.
    policy: Option<String>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
struct Wanted {
    #[serde(default)]
    endpoint: String,
    #[serde(default)]
    keys: Keys,
    #[serde(default)]
    standard: bool,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
struct Keys {
    #[serde(default)]
    p256dh: String,
    #[serde(default)]
    auth: String,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
struct Data {
    #[serde(default)]
    alerts: BTreeMap<String, bool>,
    #[schemars(extend("enum" = PushPolicy::WORDS))]
    policy: Option<String>,
}

impl Form {
    fn wishes(&self) -> Result<Wishes> {
        let policy = match self.data.policy.as_ref().or(self.policy.as_ref()).map(|p| p.trim()) {
            None | Some("") => PushPolicy::All,
            Some(word) => PushPolicy::from_word(word).ok_or_else(|| {
                Error::invalid("Validation failed: policy is all, followed, follower or none")
            })?,
        };
        let wanted = self.data.alerts.iter().filter(|(_, wanted)| **wanted);
        Ok(Wishes { alerts: wanted.map(|(kind, _)| kind.clone()).collect(), policy })
    }

    fn device(&self, ctx: &Ctx) -> Result<Device> {
        let Wanted { endpoint, keys, standard } = &self.subscription;
        let endpoint = Url::parse(endpoint.trim())
            .map_err(|_| Error::invalid("Validation failed: the endpoint is no URL"))?;
        ctx.fetcher().may_call(&endpoint).map_err(|why| {
            Error::invalid(format!("Validation failed: the endpoint cannot be called: {why}"))
        })?;
        let receiver = Receiver::read(&keys.p256dh, &keys.auth)?;
        Ok(Device { endpoint, receiver, standard: *standard })
    }
}

fn entity(conn: &mut Conn, row: Subscription) -> Result<Json<WebPushSubscription>> {
    let server_key = pushes::known_key(conn)?.unwrap_or_default();
    Ok(Json(WebPushSubscription::new(row, server_key)))
}

async fn show(member: Member<scope::Push>, ctx: Ctx) -> Result<Json<WebPushSubscription>> {
    ctx.read(move |conn| {
        let row = db::pushes::of_token(conn, member.token_id)?.ok_or(Error::NotFound)?;
        entity(conn, row)
    })
    .await
}

async fn subscribe(
    member: Member<scope::Push>,
    form: Params<Form>,
    ctx: Ctx,
) -> Result<Json<WebPushSubscription>> {
    let form = form.into_inner();
    let (device, wishes) = (form.device(&ctx)?, form.wishes()?);
    ctx.write(move |tx| {
        let row = pushes::subscribe(tx, member.token_id, member.id, &device, &wishes)?;
        entity(tx, row)
    })
    .await
}

async fn change(
    member: Member<scope::Push>,
    form: Params<Form>,
    ctx: Ctx,
) -> Result<Json<WebPushSubscription>> {
    let wishes = form.into_inner().wishes()?;
    ctx.write(move |tx| {
        let row = pushes::change(tx, member.token_id, &wishes)?;
        entity(tx, row)
    })
    .await
}

async fn forget(member: Member<scope::Push>, ctx: Ctx) -> Result<Json<Empty>> {
    ctx.write(move |tx| {
        db::pushes::forget_of_token(tx, member.token_id)?;
        Ok(Json(Empty {}))
    })
    .await
}
