package definition

import "github.com/penstock-cd/penstock/pipeline"

func awsDeploy(name string, inputs, outputs [2]int, properties ...pipeline.ConfigurationProperty) pipeline.ActionTypeInfo {
	return awsType(name, pipeline.CategoryDeploy, inputs, outputs, properties...)
}

// awsDeploys are the deploy actions but those of containers. S3 deploys, and is a
// Source if its category says so.
func awsDeploys() []pipeline.ActionTypeInfo {
	one, none := between(1, 1), between(0, 0)
	s3Source := awsType("S3", pipeline.CategorySource, none, one, required("S3Bucket", "the bucket"), required("S3ObjectKey", "the object"),
		boolean("PollForSourceChanges", "whether AWS asks for changes", ""), boolean("AllowOverrideForS3ObjectKey", "whether a start may name another object", ""))
	return []pipeline.ActionTypeInfo{
		awsDeploy("S3", one, none, required("BucketName", "the bucket"), requiredBoolean("Extract", "whether the artifact is unpacked"),
			optional("ObjectKey", "the object; needed if the artifact is not unpacked", ""), optional("KMSEncryptionKeyARN", "the key that encrypts it", ""),
			optional("CannedACL", "the rights of the objects", ""), optional("CacheControl", "how long browsers keep them", "")),
		making(s3Source, "BucketName", "ETag", "ObjectKey", "VersionId"),
		awsDeploy("CloudFormation", between(0, 10), between(0, 1),
			oneOf(required("ActionMode", "what is done"), "CREATE_UPDATE", "DELETE_ONLY", "REPLACE_ON_FAILURE", "CHANGE_SET_REPLACE", "CHANGE_SET_EXECUTE"),
			required("StackName", "the stack"), optional("ChangeSetName", "the change set; needed by its modes", ""),
			optional("TemplatePath", "Artifact::file of the template; needed to create and update", ""), optional("TemplateConfiguration", "Artifact::file of the parameters", ""),
			optional("ParameterOverrides", "parameters, as JSON", ""), optional("Capabilities", "what is allowed, with commas between", ""),
			optional("RoleArn", "the role that the stack works with", ""), optional("OutputFileName", "the file of the outputs", "")),
		making(awsDeploy("CloudFormationStackSet", between(1, 3), none, required("StackSetName", "the stack set"), required("TemplatePath", "Artifact::file of the template"),
			optional("Description", "", ""), optional("Parameters", "", ""), optional("Capabilities", "what is allowed, with commas between", ""),
			oneOf(optional("PermissionModel", "", ""), "SELF_MANAGED", "SERVICE_MANAGED"), optional("AdministrationRoleArn", "", ""), optional("ExecutionRoleName", "", ""),
			optional("OrganizationsAutoDeployment", "", ""), optional("DeploymentTargets", "", ""), optional("Regions", "", ""),
			numeric("FailureTolerancePercentage", "", ""), numeric("MaxConcurrentPercentage", "", "")), "OperationId", "StackSetId"),
		making(awsDeploy("CloudFormationStackInstances", between(0, 2), none, required("StackSetName", "the stack set"), required("Regions", "the regions"),
			optional("DeploymentTargets", "", ""), optional("ParameterOverrides", "", ""),
			numeric("FailureTolerancePercentage", "", ""), numeric("MaxConcurrentPercentage", "", "")), "OperationId"),
		awsDeploy("CodeDeploy", one, none, required("ApplicationName", "the application"), required("DeploymentGroupName", "the deployment group")),
		awsDeploy("EC2", one, none, required("InstanceTagKey", "the tag that the instances have"), optional("InstanceTagValue", "its value", ""),
			oneOf(required("InstanceType", "the sort of instance"), "EC2", "SSM_MANAGED_NODE"), required("TargetDirectory", "where the files go"),
			optional("PreScript", "a script that runs before", ""), required("PostScript", "a script that runs after"), optional("MaxBatch", "a number, or a part as 50%", ""),
			optional("MaxError", "a number, or a part as 10%", ""), optional("TargetGroupNameList", "the target groups", "")),
		awsDeploy("ElasticBeanstalk", one, none, required("ApplicationName", "the application"), required("EnvironmentName", "the environment")),
		awsDeploy("ServiceCatalog", one, none, required("ProductId", "the product"), optional("ConfigurationFilePath", "the configuration in the artifact", ""),
			optional("TemplateFilePath", "the template in the artifact", ""), optional("ProductType", "needed with a template", ""),
			optional("ProductVersionName", "needed with a template", ""), optional("ProductVersionDescription", "", "")),
		awsDeploy("AppConfig", one, none, required("Application", "the application"), required("Environment", "the environment"),
			required("ConfigurationProfile", "the profile"), required("InputArtifactConfigurationPath", "the file in the artifact"), optional("DeploymentStrategy", "", "")),
		awsDeploy("OpsWorks", one, none, required("Stack", "the stack"), required("App", "the app"), optional("Layer", "the layer", "")),
		thirdParty(awsDeploy("AlexaSkillsKit", between(1, 2), none, required("ClientId", "the client"), secretKey("ClientSecret", "its secret"),
			secretKey("RefreshToken", "a token"), required("SkillId", "the skill"))),
	}
}

// awsContainers are the deploy actions of containers and functions.
func awsContainers() []pipeline.ActionTypeInfo {
	one, none := between(1, 1), between(0, 0)
	toECS := awsDeploy("CodeDeployToECS", between(1, 5), none, required("ApplicationName", "the application"), required("DeploymentGroupName", "the deployment group"),
		required("TaskDefinitionTemplateArtifact", "the artifact of the task definition"), required("AppSpecTemplateArtifact", "the artifact of the AppSpec"),
		optional("TaskDefinitionTemplatePath", "left out: taskdef.json", ""), optional("AppSpecTemplatePath", "left out: appspec.yaml", ""))
	for _, n := range []string{"1", "2", "3", "4"} {
		toECS.Properties = append(toECS.Properties, optional("Image"+n+"ArtifactName", "the artifact of an image", ""), optional("Image"+n+"ContainerName", "its word in the task definition", ""))
	}
	return []pipeline.ActionTypeInfo{
		toECS,
		awsDeploy("ECS", one, none, required("ClusterName", "the cluster"), required("ServiceName", "the service"),
			optional("FileName", "left out: imagedefinitions.json", ""), numeric("DeploymentTimeout", "minutes, at most 60", "")),
		making(awsDeploy("EKS", one, none, required("ClusterName", "the cluster"), optional("HelmReleaseName", "the release, with Helm", ""),
			optional("HelmChartLocation", "the chart in the artifact, with Helm", ""), optional("HelmValuesFiles", "files of values, with Helm", ""),
			optional("ManifestFiles", "files in the artifact, with kubectl", ""), optional("Namespace", "the namespace", ""),
			optional("Subnets", "", ""), optional("SecurityGroupIds", "", "")), "EKSClusterName"),
	}
}

// awsInvokes are the actions that invoke something, and approval partners. Lambda
// invokes, and deploys if its category says so.
func awsInvokes() []pipeline.ActionTypeInfo {
	none := between(0, 0)
	invoke := func(name string, inputs, outputs [2]int, properties ...pipeline.ConfigurationProperty) pipeline.ActionTypeInfo {
		return awsType(name, pipeline.CategoryInvoke, inputs, outputs, properties...)
	}
	return []pipeline.ActionTypeInfo{
		invoke("Lambda", between(0, 5), between(0, 5), required("FunctionName", "the function"), optional("UserParameters", "what it is given", "")),
		awsDeploy("Lambda", between(0, 1), none, required("FunctionName", "the function"), optional("FunctionAlias", "the alias", ""),
			optional("PublishedTargetVersion", "the version; needed without an artifact", ""), optional("DeployStrategy", "left out: AllAtOnce", "")),
		making(invoke("StepFunctions", between(0, 1), between(0, 1), required("StateMachineArn", "the state machine"), optional("ExecutionNamePrefix", "", ""),
			oneOf(optional("InputType", "whether Input is a text or a file", ""), "Literal", "FilePath"), optional("Input", "what it is given", "")),
			"ExecutionArn", "StateMachineArn"),
		invoke("CodePipeline", none, none, required("PipelineName", "the pipeline"), optional("SourceRevisions", "a list, as JSON", ""), optional("Variables", "a list of {name, value}, as JSON", "")),
		making(invoke("InspectorScan", between(0, 1), between(1, 1), oneOf(required("InspectorRunMode", "what is looked at"), "SourceCodeScan", "ECRImageScan"),
			optional("ECRRepositoryName", "the repository of images; needed to look at one", ""), optional("ImageTag", "the tag", ""),
			numeric("CriticalThreshold", "", ""), numeric("HighThreshold", "", ""), numeric("MediumThreshold", "", ""), numeric("LowThreshold", "", "")),
			"HighestScannedSeverity"),
		thirdParty(invoke("Snyk", between(1, 1), between(1, 1))),
	}
}

// requiredBoolean is a yes or no that must be given.
func requiredBoolean(name, about string) pipeline.ConfigurationProperty {
	p := boolean(name, about, "")
	p.Required = true
	return p
}
