using Cclm.Inference;
using EmbeddingService;
using Microsoft.Extensions.Options;

try
{
    var builder = WebApplication.CreateSlimBuilder(args);
    builder.AddEmbeddingService();
    var application = builder.Build();
    application.MapEmbeddingService();
    application.Run();
    return 0;
}
catch (Exception e) when (e is OptionsValidationException or CclmModelException or InvalidOperationException or IOException)
{
    Console.Error.WriteLine($"error: {e.Message}");       // a setting that can not be, a model that is not there, a port in use
    return 1;
}
