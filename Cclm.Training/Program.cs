using Cclm.Training.App;

return await new CclmApplication().RunAsync(args);
