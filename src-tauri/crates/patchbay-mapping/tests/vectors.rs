//! The vectors that adapters' own evaluation runs, too.

use patchbay_mapping::evaluate;
use serde_json::Value;

const VECTORS: &str = include_str!("../../../../templates/modules/mapping.vectors.json");

#[test]
fn every_vector_holds() {
    let file: Value = serde_json::from_str(VECTORS).expect("the vectors are JSON");
    let field = file["field"].as_str().expect("a field");
    let vectors = file["vectors"].as_array().expect("vectors");
    let mut wrong = Vec::new();
    for vector in vectors {
        let document = vector.get("document").unwrap_or(&file["document"]);
        let found = evaluate(field, &vector["entry"], document).map_err(|error| error.to_string());
        let expected = match vector["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(vector["value"].clone()),
        };
        if found != expected {
            wrong.push(format!("{}\n  expected {expected:?}\n  found    {found:?}", vector["entry"]));
        }
    }
    assert!(vectors.len() >= 150, "the vectors are there: {}", vectors.len());
    assert!(wrong.is_empty(), "{} of {} vectors do not hold:\n{}", wrong.len(), vectors.len(), wrong.join("\n"));
}
