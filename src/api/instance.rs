//! What the node says about itself: <https://docs.joinmastodon.org/methods/instance/>
use actix_web::{CustomizeResponder, Responder as _, http::header::CACHE_CONTROL, web::Json};

use super::{
    access::Ctx,
    describe::{Api, Empty, Nothing},
    entities::{
        At, CustomEmoji, ExtendedDescription, Instance, Language, NodeV1, NodeV2, Rule, View, Week,
    },
    push,
};
use crate::{
    app::{App, Figures},
    db::{self, Conn},
    domain::emojis::MAX_OWN,
    error::Result,
};

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    api.get("/api/v2/instance", v2, "What the node says about itself")
        .get("/api/v1/instance", v1, "The same, as Mastodon had it before 4.0")
        .get("/api/v1/instance/rules", rules, "The node's rules")
        .get("/api/v1/instance/peers", peers, "Servers this node knows")
        .get("/api/v1/instance/activity", activity, "How much went on, by week")
        .get("/api/v1/instance/domain_blocks", no_list, "Servers this node does not talk with")
        .get("/api/v1/instance/languages", languages, "Languages this node speaks")
        .get(
            "/api/v1/instance/translation_languages",
            no_map,
            "Always empty: nothing is translated",
        )
        .get(
            "/api/v1/instance/extended_description",
            description,
            "What the operator says about the node",
        )
        .get(
            "/api/v1/instance/privacy_policy",
            description,
            "What the operator says about the node",
        )
        .get("/api/v1/custom_emojis", custom_emojis, "Custom emoji of this node");
}

async fn v2(ctx: Ctx) -> Result<Json<NodeV2>> {
    let (vapid_key, app) = (push::shown_key(&ctx).await?, App::clone(&ctx));
    let figures = ctx.figures().await?;
    ctx.read(move |conn| Ok(Json(gather(conn, &app, figures, vapid_key)?.v2()))).await
}

async fn v1(ctx: Ctx) -> Result<Json<NodeV1>> {
    let (vapid_key, app) = (push::shown_key(&ctx).await?, App::clone(&ctx));
    let figures = ctx.figures().await?;
    ctx.read(move |conn| Ok(Json(gather(conn, &app, figures, vapid_key)?.v1()))).await
}

fn gather<'a>(
    conn: &mut Conn,
    app: &'a App,
    figures: Figures,
    vapid_key: String,
) -> Result<Instance<'a>> {
    let view = View { now: app.now(), ..View::new(app, None) };
    Ok(Instance {
        config: app.config(),
        title: db::settings::title(conn)?.unwrap_or_else(|| app.config().title.clone()),
        vapid_key,
        users: figures.people,
        active_users: figures.month,
        posts: figures.posts,
        servers: db::servers::count(conn)?,
        contact: match db::members::operators(conn)?.first() {
            Some(actor) => Some(view.whole_account(conn, actor)?),
            None => None,
        },
        ffmpeg: app.ffmpeg().is_some(),
        rules: Vec::new(),
    })
}

async fn rules() -> Json<Vec<Rule>> {
    Json(Vec::new())
}

async fn peers(ctx: Ctx) -> Result<Json<Vec<String>>> {
    let servers = ctx.read(|conn| Ok(db::servers::list(conn, "", 5_000)?)).await?;
    Ok(Json(servers.into_iter().map(|server| server.host).collect()))
}

async fn activity(ctx: Ctx) -> Result<Json<Vec<Week>>> {
    Ok(Json(ctx.weeks().await?.into_iter().map(Week::from).collect()))
}

async fn languages() -> Json<Vec<Language>> {
    Json(vec![Language { code: "en", name: "English" }])
}

async fn description(ctx: Ctx) -> Json<ExtendedDescription> {
    let content = crate::text::paragraphs(&ctx.config().description);
    Json(ExtendedDescription { updated_at: At(ctx.now()), content })
}

/// Those that apps offer: <https://docs.joinmastodon.org/methods/custom_emojis/>
async fn custom_emojis(ctx: Ctx) -> Result<CustomizeResponder<Json<Vec<CustomEmoji>>>> {
    let view = View::new(&ctx, None);
    let shown = ctx
        .read(move |conn| {
            let mut rows = db::emojis::list(conn, "", "", MAX_OWN)?;
            rows.retain(|row| row.visible_in_picker && !row.disabled);
            Ok(rows.iter().map(|row| view.emoji(row)).collect::<Vec<_>>())
        })
        .await?;
    // The same for everyone.
    let keep = (CACHE_CONTROL, "public, max-age=60, stale-while-revalidate=3600");
    Ok(Json(shown).customize().insert_header(keep))
}

async fn no_list() -> Json<Nothing> {
    Json(Nothing)
}

async fn no_map() -> Json<Empty> {
    Json(Empty {})
}
