//! patchbay-templates
