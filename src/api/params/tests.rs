use std::collections::BTreeMap;

use actix_web::{http::header, test::TestRequest, web::Bytes};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::Value;

use super::*;
use crate::types::PostId;

#[derive(Debug, Default, PartialEq, Deserialize)]
struct Poll {
    #[serde(default)]
    options: Vec<String>,
    expires_in: Option<i64>,
    #[serde(default)]
    multiple: bool,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
struct Field {
    name: Option<String>,
    value: Option<String>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
struct Form {
    status: Option<String>,
    #[serde(default, deserialize_with = "blank_or")]
    in_reply_to_id: Option<PostId>,
    #[serde(default, deserialize_with = "ids")]
    media_ids: Vec<i64>,
    sensitive: Option<bool>,
    poll: Option<Poll>,
    #[serde(default)]
    fields_attributes: Vec<Field>,
    #[serde(default)]
    source: BTreeMap<String, String>,
    limit: Option<u32>,
    data: Option<Value>,
}

const JSON: &str = "application/json; charset=utf-8";
const URLENCODED: &str = "application/x-www-form-urlencoded";

async fn parse(request: TestRequest) -> Result<Params<Form>> {
    let (request, mut payload) = request.to_http_parts();
    Params::from_request(&request, &mut payload).await
}

async fn body(kind: &str, text: impl Into<Bytes>) -> Result<Form> {
    let text = text.into();
    let request = TestRequest::delete()
        .insert_header((header::CONTENT_TYPE, kind))
        .insert_header((header::CONTENT_LENGTH, text.len()))
        .set_payload(text);
    parse(request).await.map(Params::into_inner)
}

async fn query(text: &str) -> Result<Form> {
    parse(TestRequest::get().uri(&format!("/?{text}"))).await.map(Params::into_inner)
}

#[actix_web::test]
async fn lists_are_read_in_every_way_clients_write_them() {
    for text in [
        "media_ids[]=1&media_ids[]=2",
        "media_ids%5B%5D=1&media_ids%5B%5D=2",
        "media_ids[0]=1&media_ids[1]=2",
        "media_ids[1]=2&media_ids[0]=1",
        "media_ids=1&media_ids=2",
        "media_ids[]=1&media_ids[]=&media_ids[]=2",
        "media_ids=1&media_ids[]=2",
    ] {
        assert_eq!(body(URLENCODED, text).await.unwrap().media_ids, [1, 2], "{text}");
        assert_eq!(query(text).await.unwrap().media_ids, [1, 2], "{text}");
    }
    for text in [
        r#"{"media_ids":["1","2"]}"#,
        r#"{"media_ids":[1,2]}"#,
        r#"{"media_ids[]":["1",2,null]}"#,
        r#"{"media_ids":{"0":1,"1":2}}"#,
    ] {
        assert_eq!(body(JSON, text).await.unwrap().media_ids, [1, 2], "{text}");
        assert_eq!(body("text/plain", text).await.unwrap().media_ids, [1, 2], "{text}");
    }
    assert_eq!(query("media_ids=1").await.unwrap().media_ids, [1]);
    assert!(query("media_ids=").await.unwrap().media_ids.is_empty());
}

#[actix_web::test]
async fn booleans_and_numbers_may_be_text() {
    for (text, expected) in [
        ("1", true),
        ("true", true),
        ("True", true),
        ("on", true),
        ("t", true),
        ("0", false),
        ("false", false),
        ("off", false),
        ("f", false),
        ("", false),
    ] {
        let form = body(URLENCODED, format!("sensitive={text}")).await.unwrap();
        assert_eq!(form.sensitive, Some(expected), "{text}");
        let form = body(JSON, format!(r#"{{"sensitive":"{text}"}}"#)).await.unwrap();
        assert_eq!(form.sensitive, Some(expected), "{text}");
    }
    assert_eq!(body(JSON, r#"{"sensitive":1}"#).await.unwrap().sensitive, Some(true));
    assert_eq!(body(JSON, r#"{"sensitive":false}"#).await.unwrap().sensitive, Some(false));
    assert_eq!(body(JSON, r#"{"limit":"20"}"#).await.unwrap().limit, Some(20));
    assert_eq!(body(JSON, r#"{"limit":20.0}"#).await.unwrap().limit, Some(20));
    assert_eq!(
        body(JSON, r#"{"in_reply_to_id":7}"#).await.unwrap().in_reply_to_id,
        Some(PostId(7))
    );
    assert_eq!(query("in_reply_to_id=").await.unwrap().in_reply_to_id, None);
    assert_eq!(body(JSON, r#"{"status":5}"#).await.unwrap().status.as_deref(), Some("5"));
}

#[actix_web::test]
async fn nested_names_are_read_from_forms_and_json() {
    let poll =
        Poll { options: vec!["a b".into(), "c".into()], expires_in: Some(60), multiple: true };
    for (kind, text) in [
        (URLENCODED, "poll[options][]=a+b&poll[options][]=c&poll[expires_in]=60&poll[multiple]=1"),
        (
            URLENCODED,
            "poll%5Boptions%5D%5B%5D=a%20b&poll[options][]=c&poll[expires_in]=60&poll[multiple]=on",
        ),
        (
            URLENCODED,
            "poll[options][0]=a+b&poll[options][1]=c&poll[expires_in]=60&poll[multiple]=t",
        ),
        (JSON, r#"{"poll":{"options":["a b","c"],"expires_in":"60","multiple":"true"}}"#),
        (JSON, r#"{"poll[options][]":["a b","c"],"poll[expires_in]":60,"poll[multiple]":true}"#),
    ] {
        assert_eq!(body(kind, text).await.unwrap().poll.as_ref(), Some(&poll), "{text}");
    }
    let fields = [("x", "1"), ("y", "2")]
        .map(|(name, value)| Field { name: Some(name.into()), value: Some(value.into()) });
    for (kind, text) in [
        (
            URLENCODED,
            "fields_attributes[0][name]=x&fields_attributes[0][value]=1&fields_attributes[1][name]=y&fields_attributes[1][value]=2",
        ),
        (
            URLENCODED,
            "fields_attributes[][name]=x&fields_attributes[][value]=1&fields_attributes[][name]=y&fields_attributes[][value]=2",
        ),
        (JSON, r#"{"fields_attributes":[{"name":"x","value":"1"},{"name":"y","value":2}]}"#),
        (
            JSON,
            r#"{"fields_attributes":{"1":{"name":"y","value":2},"0":{"name":"x","value":"1"}}}"#,
        ),
    ] {
        assert_eq!(body(kind, text).await.unwrap().fields_attributes, fields, "{text}");
    }
    let form = body(URLENCODED, "source[privacy]=unlisted&source[language]=de").await.unwrap();
    assert_eq!(form.source["privacy"], "unlisted");
}

#[actix_web::test]
async fn nulls_and_unknown_names_are_ignored() {
    let form =
        body(JSON, r#"{"status":null,"limit":null,"poll":{"options":null},"what":[{}]}"#).await;
    assert_eq!(form.unwrap(), Form { poll: Some(Poll::default()), ..Form::default() });
    assert_eq!(body(JSON, "").await.unwrap(), Form::default());
    assert_eq!(body(JSON, "null").await.unwrap(), Form::default());
    assert_eq!(body(URLENCODED, "[=1&]=2&a[b=3&a]b[=4&&=").await.unwrap(), Form::default());
}

#[actix_web::test]
async fn the_body_is_stronger_than_the_query_and_both_count() {
    let text = r#"{"status":"body"}"#;
    let request = TestRequest::post()
        .uri("/?status=query&limit=3")
        .insert_header((header::CONTENT_TYPE, JSON))
        .insert_header((header::CONTENT_LENGTH, text.len()))
        .set_payload(text);
    let form = parse(request).await.unwrap().into_inner();
    assert_eq!((form.status.as_deref(), form.limit), (Some("body"), Some(3)));
}

#[actix_web::test]
async fn multipart_fields_and_files_come_apart() {
    let text = "--X\r\nContent-Disposition: form-data; name=\"status\"\r\n\r\nhé\r\n\
        --X\r\nContent-Disposition: form-data; name=\"media_ids[]\"\r\n\r\n4\r\n\
        --X\r\nContent-Disposition: form-data; name=\"avatar\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\nPNG\r\n\
        --X\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nraw\r\n\
        --X\r\nContent-Disposition: form-data; name=\"header\"; filename=\"\"\r\n\r\n\r\n--X--\r\n";
    let request = TestRequest::patch()
        .insert_header((header::CONTENT_TYPE, "multipart/form-data; boundary=X"))
        .set_payload(text);
    let mut params = parse(request).await.unwrap();
    assert_eq!(params.form.status.as_deref(), Some("hé"));
    assert_eq!(params.form.media_ids, [4]);
    assert!(params.files.take("header").is_none(), "an empty file is none");
    let avatar = params.files.take("avatar").unwrap();
    assert_eq!((avatar.bytes, avatar.content_type.as_deref()), (3, Some("image/png")));
    assert_eq!(avatar.read().await.unwrap(), b"PNG");
    let spool = avatar.path().to_owned();
    drop(avatar);
    assert!(!spool.exists());
    assert_eq!(params.files.take("file").unwrap().read().await.unwrap(), b"raw");
}

#[actix_web::test]
async fn what_is_too_much_or_makes_no_sense_is_refused() {
    let deep = format!("{}1{}", "[".repeat(60), "]".repeat(60));
    for (kind, text) in [
        (JSON, "{".to_owned()),
        (JSON, "[1]".to_owned()),
        (JSON, format!(r#"{{"data":{deep}}}"#)),
        (URLENCODED, format!("a{}=1", "[b]".repeat(20))),
        (URLENCODED, "a=1&".repeat(3_000)),
        (URLENCODED, "poll=1&poll[x]=2".to_owned()),
    ] {
        let error = body(kind, text.clone()).await.unwrap_err();
        assert!(matches!(error, Error::Malformed(_)), "{text}: {error:?}");
    }
    for text in [
        "limit=x",
        "limit=-1",
        "limit=99999999999",
        "sensitive=maybe",
        "poll=1",
        "in_reply_to_id=x",
    ] {
        let error = query(text).await.unwrap_err();
        assert!(
            matches!(&error, Error::Invalid(why) if why.contains(text.split('=').next().unwrap())),
            "{error:?}"
        );
    }
    let large = body(URLENCODED, format!("status={}", "x".repeat(2 << 20))).await.unwrap_err();
    assert!(matches!(large, Error::TooLarge(_)));
}

#[actix_web::test]
async fn nul_bytes_never_arrive() {
    assert_eq!(query("status=a%00b").await.unwrap().status.as_deref(), Some("ab"));
    assert_eq!(body(JSON, r#"{"status":"a\u0000b"}"#).await.unwrap().status.as_deref(), Some("ab"));
}

proptest! {
    #[test]
    fn no_body_makes_it_panic(text in "[a-z\\[\\]0-9=&%{}\":,. \\\\]{0,200}", bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for encoding in [Encoding::Json, Encoding::Form, Encoding::Unknown] {
            for input in [text.as_bytes(), bytes.as_slice()] {
                let mut tree = Tree::default();
                if add_body(&mut tree, encoding, input).is_ok() {
                    let _ = Form::deserialize(Tree::default().overlaid_with(tree));
                }
            }
        }
    }

    #[test]
    fn no_names_make_it_panic(pairs in proptest::collection::vec(
        "(status|media_ids|poll|fields_attributes|data|limit)(\\[(|0|1|options|name|x)\\]){0,4}=[a-z0-9]{0,3}", 0..12)) {
        let mut tree = Tree::default();
        if tree.add_encoded(pairs.join("&").as_bytes()).is_ok() {
            let _ = Form::deserialize(Tree::default().overlaid_with(tree));
        }
    }
}
