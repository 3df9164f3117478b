//! Who is here: answers to `WebFinger` and host-meta.
use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::{here, read};
use crate::{
    activitypub::discovery::{self, JRD, Resource, XRD},
    app::Ctx,
    db::{
        Conn,
        actors::{self, Actor},
    },
    domain::actors::NODE_NAME,
    error::{Error, Result},
    types::ActorKind,
};

/// Paths that stand at the root of the host.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/.well-known/webfinger", read().to(webfinger))
        .route("/.well-known/host-meta", read().to(host_meta));
}

#[derive(Deserialize)]
struct Query {
    resource: Option<String>,
}

/// [RFC 7033](https://www.rfc-editor.org/rfc/rfc7033): persons and groups share one name space.
async fn webfinger(app: Ctx, query: web::Query<Query>) -> Result<HttpResponse> {
    let resource = query.into_inner().resource.as_deref().and_then(Resource::parse);
    let resource = resource.ok_or_else(|| Error::Malformed("no resource to look for".into()))?;
    let domain = app.domain().to_owned();
    let actor = app.read(move |conn| find(conn, &domain, &resource)).await?;
    let name = if is_node(&actor) { app.domain() } else { &actor.name };
    let template = here(&app).url("/authorize_interaction?uri={uri}");
    let answer = discovery::webfinger(name, app.domain(), &actor.ap_id, &actor.url, &template);
    Ok(HttpResponse::Ok()
        .content_type(JRD)
        .insert_header(("Access-Control-Allow-Origin", "*"))
        .insert_header(("Cache-Control", "public, max-age=300"))
        .body(answer.to_string()))
}

fn is_node(actor: &Actor) -> bool {
    actor.kind == ActorKind::Application
}

/// The local actor that a resource names: by handle, id or page.
fn find(conn: &mut Conn, domain: &str, resource: &Resource) -> Result<Actor> {
    let by_name = |conn: &mut Conn, name: &str| {
        let name = name.to_ascii_lowercase();
        // The node itself goes by its domain ([FEP-d556](https://w3id.org/fep/d556)).
        actors::local_by_name(conn, if name == domain { NODE_NAME } else { &name })
    };
    let found = match resource {
        Resource::Account(name, host) if host == domain => by_name(conn, name)?,
        Resource::Account(..) => None,
        Resource::Address(uri) => match actors::by_ap_id(conn, uri.as_str())? {
            None if uri.authority() == domain => match uri.path().strip_prefix("/@") {
                Some(name) => by_name(conn, name)?,
                None => None,
            },
            known => known,
        },
    };
    found.filter(|actor| actor.local && actor.is_active()).ok_or(Error::NotFound)
}

async fn host_meta(app: Ctx) -> HttpResponse {
    HttpResponse::Ok().content_type(XRD).body(discovery::host_meta(&here(&app).url("")))
}
