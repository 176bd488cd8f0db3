import type { ErrorCode } from './generated/bindings';

/** How an error code is shown. */
export interface Presentation {
  /** Heading above the message. */
  readonly title: string;
  /** What a person can do about it, when the core sent no hint of its own. */
  readonly advice: string;
}

/**
 * The one place that says how each code looks to a person. It is a full `Record`: a new code without words of its own
 * does not pass the type check.
 */
export const presentation: Record<ErrorCode, Presentation> = {
  'workspace.not_found': {
    title: 'No workspace there',
    advice: 'Choose a folder that holds a patchbay.toml, or create the demo workspace.',
  },
  'workspace.broken_file': {
    title: 'A workspace file is broken',
    advice: 'Open the file named above, correct it and reload.',
  },
  'workspace.conflict': {
    title: 'The file changed on disk',
    advice: 'Choose which of the two texts to keep.',
  },
  'workspace.invalid_path': {
    title: 'Not a path in this workspace',
    advice: 'Use a path inside the adapter’s own folder.',
  },
  'workspace.storage': {
    title: 'The disk refused',
    advice: 'Check free space and permissions of the workspace folder, then try again.',
  },
  'tenant.invalid_id': {
    title: 'Not a tenant id',
    advice: 'Use lower-case letters, digits and single hyphens, at most 32 characters.',
  },
  'tenant.unknown': { title: 'No such tenant', advice: 'Reload the workspace; the tenant may have been removed.' },
  'tenant.exists': { title: 'That tenant exists already', advice: 'Choose another id.' },
  'tenant.owns_another': {
    title: 'Two tenants would own the same scripts',
    advice: 'Choose an id that is not another tenant’s id followed by a hyphen.',
  },
  'adapter.invalid_id': {
    title: 'Not an adapter id',
    advice: 'Use lower-case letters, digits and single hyphens, at most 29 characters.',
  },
  'adapter.unknown': { title: 'No such adapter', advice: 'Reload the workspace; the adapter may have been removed.' },
  'adapter.exists': { title: 'That adapter exists already', advice: 'Choose another id.' },
  'adapter.too_large': {
    title: 'Too large to publish',
    advice: 'Remove what the adapter does not need; the limit is 3 MiB after compression.',
  },
  'template.unknown': { title: 'No such template', advice: 'Choose one from the list.' },
  'import.unreadable': {
    title: 'That cannot be imported',
    advice: 'Choose a .js, .mjs or .ts file, or a folder that holds one.',
  },
  'lint.errors': { title: 'Lint found errors', advice: 'Correct the errors listed below and publish again.' },
  'bundle.failed': {
    title: 'The code cannot be bundled',
    advice: 'Check the imports named above; npm packages must be installed in the adapter’s folder.',
  },
  'binding.missing': {
    title: 'A binding has no value',
    advice: 'Set it under Bindings and publish again.',
  },
  'binding.undeclared': {
    title: 'That binding is not declared',
    advice: 'Declare it in adapter.toml first.',
  },
  'secret.invalid': { title: 'Not a value that can be kept', advice: 'Enter a value that is not empty.' },
  'secret.unknown': { title: 'That secret is not set', advice: 'Set it under Bindings.' },
  'secret.no_keychain': {
    title: 'No keychain on this machine',
    advice: 'Start a keychain (Secret Service, such as GNOME Keyring or KWallet) and try again.',
  },
  'secret.locked': { title: 'The keychain is locked', advice: 'Unlock it and try again.' },
  'secret.vault_damaged': {
    title: 'The vault cannot be read',
    advice: 'Restore the vault file from a backup, or delete it and set the secrets again.',
  },
  'platform.port_in_use': {
    title: 'The port is taken',
    advice: 'Stop the program that uses it, or choose another port.',
  },
  'platform.already_running': {
    title: 'The platform runs elsewhere',
    advice: 'Another Patchbay runs the platform of this workspace; close it or share it.',
  },
  'platform.runtime_missing': {
    title: 'The Workers runtime is missing',
    advice: 'Run `patchbay doctor` in a terminal; it says how to get workerd.',
  },
  'platform.runtime_failed': {
    title: 'The Workers runtime stopped',
    advice: 'Start the platform again. If it stops again, run `patchbay doctor`.',
  },
  'platform.storage': {
    title: 'The platform’s store refused',
    advice: 'Check free space and permissions of the folder .patchbay in the workspace.',
  },
  'target.not_configured': {
    title: 'The target is not configured',
    advice: 'Say in patchbay.toml how to reach it.',
  },
  'target.unreachable': { title: 'The target did not answer', advice: 'Check that it runs and try again.' },
  'target.unauthorized': { title: 'The target refused the token', advice: 'Check the token and its rights.' },
  'target.namespace_missing': {
    title: 'The dispatch namespace does not exist',
    advice: 'Create the namespace on the target and publish again.',
  },
  'target.invalid_script': {
    title: 'The target could not start the script',
    advice: 'The causes name the line; correct it and publish again.',
  },
  'target.refused': { title: 'The target refused', advice: 'The causes carry its own words.' },
  'publish.cancelled': { title: 'Cancelled', advice: 'The live version is as it was.' },
  'publish.smoke_failed': {
    title: 'The smoke replay failed',
    advice: 'Look at the delivery under Replay, correct the code and publish again.',
  },
  'version.unknown': { title: 'That version is not kept', advice: 'Choose one from the list of versions.' },
  'replay.unknown_sample': { title: 'No such sample', advice: 'Choose one from the list.' },
  'replay.invalid_sample': { title: 'The sample cannot be sent', advice: 'Correct the sample file named above.' },
  'replay.no_signing_secret': {
    title: 'No signing secret',
    advice: 'Set the secret that signs this sample under Bindings, then replay.',
  },
  'replay.unknown_delivery': { title: 'That delivery is not kept', advice: 'Run the sample again.' },
  'replay.contents_dropped': {
    title: 'Only the head of that delivery is kept',
    advice: 'Give the history more room under [history] in patchbay.toml to keep contents for longer.',
  },
  'replay.invalid_query': {
    title: 'That cannot be looked for',
    advice: 'Correct the time, the status or the words to look for.',
  },
  'replay.export': {
    title: 'The deliveries could not be exported',
    advice: 'Choose a folder that is there, can be written and has room.',
  },
  'replay.unknown_run': {
    title: 'No run of that id is kept',
    advice: 'Choose one from the list of deliveries.',
  },
  'replay.nothing_selected': {
    title: 'There is nothing to send',
    advice: 'Add a sample, or choose other deliveries.',
  },
  'replay.not_repeatable': {
    title: 'That delivery cannot be sent again as it was',
    advice: 'Send the sample or the file that it was made from.',
  },
  'replay.not_telling': {
    title: 'No expectation can be written from that delivery',
    advice: 'Replay the sample on the embedded platform, so that the adapter answers it.',
  },
  'replay.too_large': {
    title: 'The webhook is too large to be sent',
    advice: 'Send one of at most 100 MB.',
  },
  'replay.not_remote': {
    title: 'Only the embedded platform can do that',
    advice: 'Replay on the embedded platform, or send to what is live there.',
  },
  'replay.failed': {
    title: 'The delivery could not be made',
    advice: 'Check under Platform that the platform runs, then try again.',
  },
  'replay.differs': { title: 'Not what was expected', advice: 'Look at the differences.' },
  'replay.history': {
    title: 'The history cannot be used',
    advice: 'Check free space and permissions of the folder .patchbay in the workspace.',
  },
  'route.invalid': { title: 'Not a request that can be routed', advice: 'Enter a whole URL and one header a line.' },
  'usage.malformed': { title: 'Window and core do not fit', advice: 'Close the window and open it again.' },
  'usage.unknown_command': { title: 'Window and core do not fit', advice: 'Close the window and open it again.' },
  'internal.bug': { title: 'Something broke inside Patchbay', advice: 'Please report what you did just before.' },
};
