use super::*;
use crate::{
    activitypub::vectors::{Totals, listed_key, vectors},
    keys::KeyPair,
};

const ANA: &str = "https://oak.example/u/ana";
const METHOD: &str = "https://oak.example/u/ana#ed25519-key";
/// 2026-03-01T10:00:00Z
const NOW: Time = Time(1_772_359_200_000);
/// The seed of 32 sevens, and its public half.
const SEED: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
const MULTIKEY: &str = "z6MkvDqGT54cXesYGvABpF1UapVNwjCqRcafi4Px6Thv5T3Z";

fn ana() -> Uri {
    Uri::parse(ANA).unwrap()
}

/// Every kind of value: numbers as ECMAScript writes them, keys in the order of UTF-16.
fn document() -> Value {
    let text = r#"{
        "@context": ["https://www.w3.org/ns/activitystreams",
            "https://w3id.org/security/data-integrity/v1"],
        "id": "https://oak.example/a/1", "type": "Like", "actor": "https://oak.example/u/ana",
        "object": "https://elm.example/p/2", "content": "Grüße 🙏 €\n\"\\",
        "published": "2026-03-01T09:59:59.500Z",
        "numbers": [0, -1, 100, 1.5, 333333333.33333329, 1e30, 4.5, 0.002, 1e-27, 1e21, 1e20,
            0.000001],
        "\ufb33": 1, "🙏": 2, "ключ": {"b": null, "a": true}
    }"#;
    json::parse(text.as_bytes()).unwrap()
}

fn signed(document: Value) -> Value {
    with_proof(document, METHOD, &SigningKey::from_seed(SEED).unwrap(), NOW).unwrap()
}

fn holds(document: &Value, actor: &Uri, now: Time) -> bool {
    let key = PublicKey::read(MULTIKEY).unwrap();
    Proof::of(document, actor, now).ok().flatten().is_some_and(|proof| proof.is_by(&key))
}

#[test]
fn a_proof_is_what_another_program_makes_of_it() {
    // Made with JavaScript's own JSON and sorting and Node.js' Ed25519.
    let expected =
        "z5JeWTdCSdmXR9HvH5St9VN52yWhoaM7ro5wYGRcejoDcuR3BsxPfLC4kdityfhEJgmVeRwRc4FHXoT4qN2s3XsrG";
    let signed = signed(document());
    assert_eq!(signed["proof"]["proofValue"], expected);
    assert_eq!(signed["proof"]["created"], "2026-03-01T10:00:00Z");
    assert!(holds(&signed, &ana(), NOW));
    // And on its way through any other program.
    let again = json::parse(serde_json::to_string_pretty(&signed).unwrap().as_bytes()).unwrap();
    assert!(holds(&again, &ana(), NOW));
}

#[test]
fn any_change_is_found() {
    let good = signed(document());
    for (pointer, value) in [
        ("/content", json!("another")),
        ("/numbers/3", json!(1.500_000_000_000_1)),
        ("/actor", json!("https://oak.example/u/ben")),
        ("/proof/created", json!("2026-03-01T10:00:01Z")),
        ("/proof/verificationMethod", json!("https://oak.example/u/ana#other")),
        ("/proof/proofPurpose", json!("authentication")),
        ("/proof/proofValue", json!("z3")),
        ("/proof/type", json!("Ed25519Signature2020")),
        ("/proof/cryptosuite", json!("eddsa-rdfc-2022")),
        ("/@context/1", json!("https://evil.example/ns")),
        ("/proof/@context/1", json!("https://evil.example/ns")),
    ] {
        let mut changed = good.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        assert!(!holds(&changed, &ana(), NOW), "{pointer}");
    }
    let mut more = good.clone();
    more["summary"] = json!("added");
    assert!(!holds(&more, &ana(), NOW));
    let other = KeyPair::generate().unwrap();
    let other = PublicKey::read(&other.ed25519_multibase).unwrap();
    assert!(!Proof::of(&good, &ana(), NOW).unwrap().unwrap().is_by(&other));
    assert!(
        !Proof::of(&good, &ana(), NOW)
            .unwrap()
            .unwrap()
            .is_by(&PublicKey::read(&KeyPair::generate().unwrap().public_pem).unwrap())
    );
}

#[test]
fn a_proof_holds_for_its_time_and_its_actor_alone() {
    let good = signed(document());
    assert!(holds(&good, &ana(), NOW.plus_days(7)));
    assert!(!holds(&good, &ana(), NOW.plus_days(8)), "it may have been taken back since");
    assert!(!holds(&good, &ana(), NOW.plus_secs(-3_601)));
    let elsewhere = Uri::parse("https://elm.example/u/ana").unwrap();
    assert!(!holds(&good, &elsewhere, NOW));
    assert!(Proof::of(&document(), &ana(), NOW).unwrap().is_none());
    for nonsense in [json!([]), json!("x"), json!({}), json!([{"type": 5}]), json!(null)] {
        let mut document = document();
        document["proof"] = nonsense;
        assert!(Proof::of(&document, &ana(), NOW).unwrap().is_none());
    }
}

/// As the inbox judges: the proof is in order, and its key is one of the actor's own.
fn judge(vector: &Value) -> bool {
    let document = json::parse(vector["document"].to_string().as_bytes()).unwrap();
    let now = Time::parse(vector["now"].as_str().unwrap()).unwrap();
    let actor = json::id(&document, "actor").unwrap();
    let Ok(Some(proof)) = Proof::of(&document, &actor, now) else { return false };
    let key = listed_key(vector, Some(actor.as_str()), proof.method.as_str());
    key.is_some_and(|key| proof.is_by(&key))
}

#[test]
fn every_vector_is_judged_as_it_should_be() {
    let mut totals = Totals::default();
    for vector in vectors("document") {
        let name = vector["name"].as_str().unwrap();
        match vector["expect"].as_str().unwrap() {
            // Free to choose: the one there is is Mitra's way, which we take.
            "valid" | "either" => assert!(judge(&vector), "{name}"),
            "invalid" => assert!(!judge(&vector), "{name}"),
            other => panic!("{name}: {other} is no expectation"),
        }
        totals.count(&vector);
    }
    totals.say("proofs", 15);
}
