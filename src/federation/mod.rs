//! Talking with other servers: what they may look up here, what they tell us, what we tell them.
pub mod actors;
mod asker;
mod backfill;
pub mod deliver;
mod emojis;
pub mod figures;
mod followers;
pub mod inbox;
mod ledger;
mod links;
mod lists;
pub mod nodeinfo;
pub mod objects;
pub mod posts;
mod receive;
pub mod restore;
mod signed;
pub mod webfinger;
mod witness;
pub mod work;

use actix_web::{Route, guard, web};

use crate::{activitypub::rows::Here, app::App};

/// Everything other servers may ask for or tell us. The server mounts it at the root, before the
/// web pages.
pub fn routes(config: &mut web::ServiceConfig) {
    webfinger::routes(config);
    nodeinfo::routes(config);
    inbox::routes(config);
    objects::routes(config);
    figures::routes(config);
    ledger::routes(config);
    witness::routes(config);
}

/// GET, and HEAD: `NodeBB` looks at the head of a post before it reads it.
fn read() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// Where this node is reached, as its documents name it.
pub fn here(app: &App) -> Here<'_> {
    Here { origin: app.origin(), domain: app.domain() }
}
