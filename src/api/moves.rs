//! Moving to another account, in the manner of `GoToSocial`:
//! <https://docs.gotosocial.org/en/latest/user_guide/settings/#migration>
use actix_web::web::Json;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    access::{Ctx, Member, scope},
    describe::{Accepted, Api, Empty},
    params::Params,
};
use crate::{
    db::{self, actors::Actor},
    domain::moves,
    error::{Error, Result},
    federation, keys,
    types::Uri,
};

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    api.post("/api/v1/accounts/alias", alias, "Names your other accounts, all of them each time")
        .may_refuse(&[410])
        .post("/api/v1/accounts/move", move_account, "Moves you to another account")
        .may_refuse(&[410]);
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Aliases {
    /// Ids of the other accounts; all of them, each time.
    #[serde(default)]
    also_known_as_uris: Vec<String>,
}

/// Ids of the other accounts, as they were found.
#[derive(Debug, JsonSchema, Serialize)]
struct SetAliases {
    also_known_as_uris: Vec<String>,
}

/// The actor of an id, as its server shows it now.
async fn find(ctx: &Ctx, uri: &str) -> Result<Actor> {
    let uri = Uri::parse(uri).map_err(|_| Error::invalid("Not the address of an account"))?;
    if ctx.node().owns(&uri) {
        return federation::actors::resolve(ctx, &uri).await;
    }
    federation::actors::refresh(ctx, &uri).await
}

async fn alias(
    member: Member<scope::WriteAccounts>,
    form: Params<Aliases>,
    ctx: Ctx,
) -> Result<Json<SetAliases>> {
    let mut others = Vec::new();
    for uri in form.into_inner().also_known_as_uris.iter().filter(|uri| !uri.is_empty()) {
        others.push(find(&ctx, uri).await?);
    }
    let uris: Vec<String> = others.iter().map(|other| other.ap_id.to_string()).collect();
    ctx.write(move |tx| moves::set_aliases(tx, &member.actor, &others)).await?;
    Ok(Json(SetAliases { also_known_as_uris: uris }))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Move {
    /// Id of the account to move to.
    moved_to_uri: String,
    /// The member's own: a stolen token moves nobody.
    password: String,
}

async fn move_account(
    member: Member<scope::WriteAccounts>,
    form: Params<Move>,
    ctx: Ctx,
) -> Result<Accepted<Empty>> {
    let form = form.into_inner();
    let id = member.id;
    let row = ctx.read(move |conn| Ok(db::members::by_id(conn, id)?)).await?;
    let hash = row.ok_or(Error::NotFound)?.password_hash;
    let password = form.password;
    let fits = tokio::task::spawn_blocking(move || keys::verify_password(&password, &hash)).await?;
    if !fits {
        return Err(Error::forbidden("This is not your password"));
    }
    let target = find(&ctx, &form.moved_to_uri).await?;
    ctx.write(move |tx| moves::move_to(tx, &member.actor, &target)).await?;
    Ok(Accepted(Empty {}))
}
