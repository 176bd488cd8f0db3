//! The gallery.

use crate::app::App;
use crate::wire::error::WireError;
use crate::wire::template::{TemplateList, TemplateSetUp, TemplateSummary};
use std::sync::Arc;

/// Every template, in the order of the gallery.
pub async fn template_list(_app: &Arc<App>, (): ()) -> Result<TemplateList, WireError> {
    let templates = patchbay_templates::catalogue()
        .iter()
        .map(|template| TemplateSummary {
            id: template.id.clone(),
            name: template.name.clone(),
            description: template.description.clone(),
            provider: template.provider.clone(),
            upstreams: template.upstreams.clone(),
            needs: template.needs.iter().map(|need| need.name.to_string()).collect(),
            preview: template.preview.clone(),
            set_up: template
                .set_up()
                .into_iter()
                .map(|section| TemplateSetUp { title: section.title.to_owned(), steps: section.steps.to_owned() })
                .collect(),
            readme: template.readme.to_owned(),
        })
        .collect();
    Ok(TemplateList { templates })
}
