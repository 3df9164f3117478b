//! What the node says about itself: <https://docs.joinmastodon.org/methods/instance/>
use actix_web::web::{self, Json};
use serde_json::{Value, json};

use super::{
    access::Ctx,
    entities::{Instance, Rule, View, Week},
    push,
};
use crate::{
    app::App,
    db::{self, Conn},
    domain::weeks,
    error::Result,
};

/// Days in which who posted is called active.
const ACTIVE_DAYS: i64 = 28;

/// The routes of this chapter.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/v2/instance", web::get().to(v2))
        .route("/api/v1/instance", web::get().to(v1))
        .route("/api/v1/instance/rules", web::get().to(rules))
        .route("/api/v1/instance/peers", web::get().to(peers))
        .route("/api/v1/instance/activity", web::get().to(activity))
        .route("/api/v1/instance/domain_blocks", web::get().to(no_list))
        .route("/api/v1/instance/languages", web::get().to(languages))
        .route("/api/v1/instance/translation_languages", web::get().to(no_map))
        .route("/api/v1/instance/extended_description", web::get().to(description))
        .route("/api/v1/instance/privacy_policy", web::get().to(description))
        .route("/api/v1/custom_emojis", web::get().to(no_list));
}

async fn v2(ctx: Ctx) -> Result<Json<Value>> {
    let (vapid_key, app) = (push::shown_key(&ctx).await?, App::clone(&ctx));
    ctx.read(move |conn| Ok(Json(gather(conn, &app, vapid_key)?.v2()))).await
}

async fn v1(ctx: Ctx) -> Result<Json<Value>> {
    let (vapid_key, app) = (push::shown_key(&ctx).await?, App::clone(&ctx));
    ctx.read(move |conn| Ok(Json(gather(conn, &app, vapid_key)?.v1()))).await
}

fn gather<'a>(conn: &mut Conn, app: &'a App, vapid_key: String) -> Result<Instance<'a>> {
    let now = app.now();
    let view = View { now, ..View::new(app, None) };
    let (users, active_users) = db::actors::usage(conn, now.plus_days(-ACTIVE_DAYS))?;
    let (posts, _) = db::posts::usage(conn)?;
    Ok(Instance {
        config: app.config(),
        title: db::settings::title(conn)?.unwrap_or_else(|| app.config().title.clone()),
        vapid_key,
        users,
        active_users,
        posts,
        servers: db::servers::count(conn)?,
        contact: db::members::operators(conn)?.first().map(|actor| view.account(actor)),
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
    let now = ctx.now();
    ctx.read(move |conn| Ok(Json(weeks::last(conn, now)?.into_iter().map(Week::from).collect())))
        .await
}

async fn languages() -> Json<Value> {
    Json(json!([{ "code": "en", "name": "English" }]))
}

async fn description(ctx: Ctx) -> Json<Value> {
    let content = crate::text::paragraphs(&ctx.config().description);
    Json(json!({ "updated_at": ctx.now().rfc3339(), "content": content }))
}

async fn no_list() -> Json<[(); 0]> {
    Json([])
}

async fn no_map() -> Json<Value> {
    Json(json!({}))
}
