//! Pictures for posts, and the files themselves: <https://docs.joinmastodon.org/methods/media/>
use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{self, Json},
};
use serde::Deserialize;

use super::{
    access::{Ctx, Member, PathId, scope},
    entities::MediaAttachment,
    params::{Params, Upload},
};
use crate::{
    app::App,
    db::{self, media::Media},
    domain::media::{self as rules, Words},
    error::{Error, Result},
    media::{self, Processed, Purpose, Store},
    types::{ActorId, MediaId, Time},
};

const FOR_EVER: &str = "public, max-age=31536000, immutable";
const A_DAY: &str = "public, max-age=86400";

/// The routes of this chapter.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/api/v1/media", web::post().to(upload))
        .route("/api/v2/media", web::post().to(upload))
        .service(
            web::resource("/api/v1/media/{id}")
                .route(web::get().to(show))
                .route(web::put().to(change))
                .route(web::patch().to(change)),
        )
        .service(
            web::resource("/media/{path:.*}")
                .route(web::get().to(serve))
                .route(web::head().to(serve)),
        );
}

/// What a client says about a picture.
#[derive(Debug, Deserialize)]
struct Said {
    description: Option<String>,
    focus: Option<String>,
}

impl Said {
    fn words(self) -> Words {
        Words { description: self.description, focus: self.focus.as_deref().and_then(focus) }
    }
}

/// `x,y`, each from -1 to 1.
fn focus(text: &str) -> Option<(f64, f64)> {
    let (x, y) = text.split_once(',')?;
    let read = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    Some((read(x)?, read(y)?))
}

async fn upload(
    member: Member<scope::WriteMedia>,
    params: Params<Said>,
    ctx: Ctx,
) -> Result<Json<MediaAttachment>> {
    let Params { form, mut files } = params;
    let file = files.take("file");
    let file = file.ok_or_else(|| Error::invalid("Validation failed: File can't be blank"))?;
    let kept = keep(&ctx, &file, files.take("thumbnail").as_ref()).await?;
    let (row, words) = (row(member.id, &kept), form.words());
    let added = ctx.write(move |tx| rules::add(tx, row, words)).await;
    if added.is_err() {
        forget(&ctx, vec![kept.path, kept.preview_path]).await;
    }
    Ok(Json(member.view(&ctx).media(&added?)))
}

/// Keeps an uploaded picture; a thumbnail that came along is its preview.
async fn keep(ctx: &App, file: &Upload, thumbnail: Option<&Upload>) -> Result<Processed> {
    let store = Store::new(&ctx.config().data_dir);
    let mut kept = media::receive(&store, read(ctx, file).await?, Purpose::Attachment).await?;
    let Some(thumbnail) = thumbnail else { return Ok(kept) };
    let own =
        async { media::receive(&store, read(ctx, thumbnail).await?, Purpose::Attachment).await };
    match own.await {
        Ok(own) => {
            forget(ctx, vec![own.path, kept.preview_path]).await;
            kept.preview_path = own.preview_path;
            (kept.preview_width, kept.preview_height) = (own.preview_width, own.preview_height);
            Ok(kept)
        }
        Err(error) => {
            forget(ctx, vec![kept.path, kept.preview_path]).await;
            Err(error)
        }
    }
}

async fn read(ctx: &App, file: &Upload) -> Result<Vec<u8>> {
    let most = ctx.config().max_upload_bytes;
    if file.bytes > most {
        return Err(Error::invalid(format!("Pictures can have {} MB at most", most >> 20)));
    }
    file.read().await
}

/// Deletes files that nothing refers to.
async fn forget(ctx: &App, paths: Vec<String>) {
    let store = Store::new(&ctx.config().data_dir);
    let deleted = web::block(move || paths.iter().try_for_each(|path| store.delete(path))).await;
    if !matches!(deleted, Ok(Ok(()))) {
        tracing::warn!("a file that nothing refers to could not be deleted");
    }
}

/// The row of a picture; id and time are given to it when it is stored.
fn row(owner: ActorId, kept: &Processed) -> Media {
    let pixels = |count: u32| i32::try_from(count).ok();
    Media {
        id: MediaId(0),
        owner_id: owner,
        post_id: None,
        position: 0,
        kind: "image".into(),
        content_type: kept.content_type.clone(),
        path: Some(kept.path.clone()),
        preview_path: Some(kept.preview_path.clone()),
        remote_url: None,
        description: None,
        blurhash: Some(kept.blurhash.clone()),
        width: pixels(kept.width),
        height: pixels(kept.height),
        preview_width: pixels(kept.preview_width),
        preview_height: pixels(kept.preview_height),
        focus_x: 0.0,
        focus_y: 0.0,
        size_bytes: kept.size_bytes,
        created_at: Time(0),
    }
}

async fn show(
    member: Member<scope::WriteMedia>,
    id: PathId<MediaId>,
    ctx: Ctx,
) -> Result<Json<MediaAttachment>> {
    let row = ctx.read(move |conn| Ok(db::media::by_id(conn, id.0)?)).await?;
    let row = row.filter(|row| row.owner_id == member.id).ok_or(Error::NotFound)?;
    Ok(Json(member.view(&ctx).media(&row)))
}

async fn change(
    member: Member<scope::WriteMedia>,
    id: PathId<MediaId>,
    params: Params<Said>,
    ctx: Ctx,
) -> Result<Json<MediaAttachment>> {
    let words = params.into_inner().words();
    let row = ctx.write(move |tx| rules::change(tx, member.id, id.0, words)).await?;
    Ok(Json(member.view(&ctx).media(&row)))
}

/// A file under `/media/`. What has a random name never changes and may be kept for ever.
async fn serve(request: HttpRequest, path: web::Path<String>, ctx: Ctx) -> Result<HttpResponse> {
    let path = path.into_inner();
    let content_type = content_type(&path).ok_or(Error::NotFound)?;
    let tag = format!("\"{path}\"");
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, content_type))
        .insert_header((
            header::CACHE_CONTROL,
            if path.starts_with("default/") { A_DAY } else { FOR_EVER },
        ))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .insert_header(("Cross-Origin-Resource-Policy", "cross-origin"));
    if known.is_some_and(|known| known.contains(&tag)) {
        return Ok(response
            .status(StatusCode::NOT_MODIFIED)
            .insert_header((header::ETAG, tag))
            .finish());
    }
    let store = Store::new(&ctx.config().data_dir);
    let bytes = web::block(move || match media::default_picture(&format!("/media/{path}")) {
        Some(picture) => Ok(picture.to_vec()),
        None => store.read(&path),
    });
    let bytes = bytes.await.map_err(Error::internal)??;
    Ok(response.insert_header((header::ETAG, tag)).body(bytes))
}

/// By the end of its name, which is ours.
fn content_type(path: &str) -> Option<&'static str> {
    match path.rsplit_once('.')?.1 {
        "jpg" => Some("image/jpeg"),
        "png" => Some("image/png"),
        "gif" => Some("image/gif"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{App as Server, http::Method, test};

    use super::*;
    use crate::config::Config;

    #[test]
    async fn a_focus_is_two_numbers() {
        assert_eq!(focus("0.5,-1"), Some((0.5, -1.0)));
        assert_eq!(focus(" 0 , 0 "), Some((0.0, 0.0)));
        for text in ["", "1", "a,b", "NaN,0", "inf,0"] {
            assert_eq!(focus(text), None, "{text}");
        }
    }

    #[test]
    async fn files_are_served_for_ever_and_can_do_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().display();
        let env = [
            ("COMMONHOLD_DATA_DIR", path.to_string()),
            ("COMMONHOLD_DATABASE_URL", format!("sqlite:{path}/test.db")),
        ];
        let config = Config::load(None, env.into_iter().map(|(k, v)| (k.to_owned(), v))).unwrap();
        let ctx = Ctx::new(App::open(config).unwrap());
        let store = Store::new(dir.path());
        let kept = store.put(b"a picture", "png").unwrap();
        let secret = store.put(b"<script>", "html").unwrap();
        let server = test::init_service(Server::new().app_data(ctx).configure(routes)).await;
        let ask = async |method: Method, path: &str, tag: &str| {
            let request = test::TestRequest::with_uri(path)
                .method(method)
                .insert_header((header::IF_NONE_MATCH, tag));
            test::call_service(&server, request.to_request()).await
        };

        let answer = ask(Method::GET, &format!("/media/{kept}"), "").await;
        assert_eq!(answer.status(), StatusCode::OK);
        let headers = answer.headers().clone();
        let header = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "image/png");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(header("content-security-policy").contains("sandbox"));
        assert!(header("cache-control").contains("immutable"));
        assert_eq!(test::read_body(answer).await, "a picture");
        let again = ask(Method::GET, &format!("/media/{kept}"), &header("etag")).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        let head = ask(Method::HEAD, &format!("/media/{kept}"), "").await;
        assert_eq!(head.status(), StatusCode::OK);

        let default = ask(Method::GET, media::DEFAULT_AVATAR, "").await;
        assert!(test::read_body(default).await.starts_with(b"\x89PNG"));
        for path in [
            format!("/media/{secret}"),
            "/media/../test.db".into(),
            "/media/..%2ftest.db".into(),
            "/media/%2e%2e/test.db.png".into(),
            "/media//etc/passwd.png".into(),
            "/media/aa/bb/none.png".into(),
        ] {
            let status = ask(Method::GET, &path, "").await.status();
            assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        }
    }
}
