using SmsCrm.Server.Commands;

return await CommandLine.RunAsync(args);
