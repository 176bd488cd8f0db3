//! The platform's own Workers as TypeScript sources. Whoever runs or deploys them compiles them.

use crate::adapters::{all_files, is_test, path_text, relative};
use include_dir::{Dir, include_dir};
use std::path::Path;

static PLATFORM: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../../templates/platform");

/// Compatibility date that the platform's Workers are written for, as in their `wrangler.jsonc`.
pub const PLATFORM_COMPATIBILITY_DATE: &str = "2026-11-01";

/// One of the platform's Workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlatformWorker {
    /// Routes requests to scripts. Bindings: `ROUTING`, `ENVIRONMENT`, the namespaces.
    Dispatcher,
    /// Every `fetch()` of an adapter passes it. Parameters: `tenant`, `adapter`, `region`, `egress`, `limits`.
    Outbound,
    /// Answers `POST {url, headers}` with the dispatcher's decision and the reasons. Bindings as the dispatcher's.
    Explain,
}

/// The TypeScript files of one Worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformSources {
    /// Path of the main module, `src/index.ts`.
    pub entry: &'static str,
    /// Every file by its path relative to the Worker's folder, with `/`. Ordered by path.
    pub files: Vec<(&'static str, &'static str)>,
}

/// The sources of one Worker.
pub fn platform_worker(worker: PlatformWorker) -> PlatformSources {
    let (name, entry) = match worker {
        PlatformWorker::Dispatcher => ("dispatcher", "src/index.ts"),
        PlatformWorker::Outbound => ("outbound", "src/index.ts"),
        PlatformWorker::Explain => ("dispatcher", "src/explain.ts"),
    };
    let folder = PLATFORM.get_dir(name).expect("the folder of each Worker is embedded");
    let mut files: Vec<_> = all_files(folder)
        .into_iter()
        .map(|file| (relative(folder, file), file))
        .filter(|(path, _)| path.starts_with("src") && !is_test(path))
        // Only the explanation imports its own main module; what is deployed goes without it.
        .filter(|(path, _)| worker != PlatformWorker::Dispatcher || *path != Path::new("src/explain.ts"))
        .map(|(path, file)| (path_text(path), file.contents_utf8().expect("sources are UTF-8")))
        .collect();
    files.sort_unstable();
    PlatformSources { entry, files }
}

#[cfg(test)]
mod tests {
    use super::{PLATFORM, PLATFORM_COMPATIBILITY_DATE, PlatformWorker, platform_worker};
    use std::collections::BTreeSet;

    #[test]
    fn every_worker_has_its_entry_and_all_that_is_imported() {
        for worker in [PlatformWorker::Dispatcher, PlatformWorker::Outbound, PlatformWorker::Explain] {
            let sources = platform_worker(worker);
            let paths: BTreeSet<_> = sources.files.iter().map(|(path, _)| *path).collect();
            assert!(paths.contains(sources.entry), "{worker:?}");
            for (path, text) in &sources.files {
                assert!(!path.contains("test"), "{worker:?}: {path} is a test");
                for import in text.split("from './").skip(1).filter_map(|rest| rest.split('\'').next()) {
                    assert!(paths.contains(format!("src/{import}.ts").as_str()), "{worker:?}: {path} imports {import}");
                }
            }
        }
    }

    #[test]
    fn the_dispatcher_stays_a_pure_router_of_at_most_200_lines() {
        let sources = platform_worker(PlatformWorker::Dispatcher);
        let router =
            sources.files.iter().filter(|(path, _)| ["src/index.ts", "src/place.ts", "src/routes.ts"].contains(path));
        let lines: usize = router.map(|(_, text)| text.lines().count()).sum();
        assert!(lines <= 200, "{lines} lines");
    }

    #[test]
    fn wrangler_and_the_embedded_platform_use_one_compatibility_date() {
        for name in ["dispatcher", "outbound"] {
            let file = PLATFORM.get_file(format!("{name}/wrangler.jsonc")).expect("a wrangler.jsonc");
            let date = format!("\"compatibility_date\": \"{PLATFORM_COMPATIBILITY_DATE}\"");
            assert!(file.contents_utf8().expect("UTF-8").contains(&date), "{name}");
        }
    }
}
