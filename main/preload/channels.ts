/** Names of the few messages between the preload script and the main process; everything else goes over the port. */
export const channels = {
  /** Page → main: give me a port to the services. */
  connect: 'longlens:connect',
  /** Main → page: the port. */
  port: 'longlens:port',
  /** Main → page: do what this command does, by its id (renderer/features/shortcuts/commands.ts). */
  command: 'longlens:command',
  chooseFiles: 'longlens:choose-files',
  chooseFolder: 'longlens:choose-folder',
} as const
