//! Custom emoji of ours.
use actix_web::{HttpRequest, HttpResponse, http::header::LOCATION, web};

use super::{document, is_browser};
use crate::{
    activitypub::{
        rows,
        write::{self, Vocabulary},
    },
    app::Ctx,
    db::emojis,
    error::{Error, Result},
    federation::{here, read, signed::admit},
    media,
};

/// Emoji by their names; a browser is led to the picture.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/emojis/{name}", read().to(show));
}

async fn show(app: Ctx, request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse> {
    let name = name.into_inner();
    let found = app.read(move |conn| Ok(emojis::by_name(conn, "", &name)?)).await?;
    let found = found.filter(|emoji| !emoji.disabled).ok_or(Error::NotFound)?;
    if is_browser(request.headers()) {
        let picture = media::emoji(app.origin(), app.config().media.proxy, &found, false);
        return Ok(HttpResponse::SeeOther()
            .insert_header((LOCATION, picture))
            .insert_header(("Vary", "Accept, Signature"))
            .finish());
    }
    admit(&app, &request).await?;
    let body = rows::emoji(here(&app), found);
    Ok(document(write::document(body, Vocabulary::Emoji).to_string()))
}
