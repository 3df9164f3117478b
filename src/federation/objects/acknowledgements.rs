//! What members here signed of who helped them: shown to whoever may read what helped.
use actix_web::{HttpRequest, HttpResponse, web};

use super::document;
use crate::{
    app::Ctx,
    db::{acknowledgements, posts},
    error::{Error, Result},
    federation::{asker, read, signed::admit},
};

/// Acknowledgements by their likes' ids.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/ack/{id}", read().to(show));
}

async fn show(app: Ctx, request: HttpRequest, id: web::Path<i64>) -> Result<HttpResponse> {
    admit(&app, &request).await?;
    let id = id.into_inner();
    let (row, reply) = app
        .read(move |conn| {
            let row = acknowledgements::by_id(conn, id)?.ok_or(Error::NotFound)?;
            let reply = posts::by_id(conn, row.reply_id)?;
            Ok((row, reply))
        })
        .await?;
    if asker::readable(&app, &request, vec![reply]).await?.is_empty() {
        return Err(Error::NotFound);
    }
    Ok(document(row.document.ok_or(Error::Gone)?))
}
